-- One row a grain, team (NULL: all teams) and complete period of the sample company: the median of
-- the hours to solve a problem, and the mean of the medians of its days or months, which is the
-- mistake.
WITH counting AS (
  SELECT id FROM batch WHERE id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
),
tickets AS (
  SELECT * FROM event_ticket
  WHERE batch_id IN (FROM counting)
  QUALIFY row_number() OVER (PARTITION BY number ORDER BY batch_id DESC) = 1
),
solved AS (
  SELECT
    unnest([team, NULL]) AS team,
    timezone('Europe/London', timezone('UTC', resolved_at)) AS moment,
    (epoch_us(resolved_at) - epoch_us(opened_at)) / 3.6e9 AS hours
  FROM tickets
  WHERE resolved_at IS NOT NULL
),
placed AS (
  SELECT
    grain,
    team,
    date_trunc(grain, moment)::DATE AS period,
    date_trunc(shorter, moment)::DATE AS part,
    hours,
    fewest_parts
  FROM solved,
    (VALUES ('month', 'day', 1), ('quarter', 'month', 3), ('year', 'month', 12))
      AS grains (grain, shorter, fewest_parts)
),
parts AS (
  SELECT grain, team, period, part, fewest_parts, median(hours) AS hours
  FROM placed
  GROUP BY ALL
),
means AS (
  SELECT grain, team, period, avg(hours) AS hours
  FROM parts
  GROUP BY grain, team, period, fewest_parts
  HAVING count(*) >= fewest_parts
)
SELECT placed.grain, placed.team, placed.period, median(placed.hours), any_value(means.hours)
FROM placed
JOIN means ON means.grain = placed.grain
  AND means.period = placed.period
  AND means.team IS NOT DISTINCT FROM placed.team
GROUP BY ALL
ORDER BY ALL
