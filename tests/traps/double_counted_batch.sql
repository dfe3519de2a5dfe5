-- One row a metric and month of the sample company: every problem and every day of visits counted
-- once, and every row of every batch counted, which is the mistake: problems are exported again
-- while they are open, and one batch of visits was a draft and taken back.
WITH counting AS (
  SELECT id FROM batch WHERE id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
),
versions AS (
  SELECT
    'base.tickets' AS metric,
    timezone('Europe/London', timezone('UTC', opened_at))::DATE AS day,
    number AS key,
    1 AS value,
    batch_id
  FROM event_ticket
  UNION ALL
  SELECT part, day, day::VARCHAR, numerator, batch_id FROM fact WHERE part = 'base.sessions'
),
marked AS (
  SELECT *, batch_id IN (FROM counting) AS counts FROM versions
),
ranked AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY metric, key, counts ORDER BY batch_id DESC) = 1 AS is_newest
  FROM marked
)
SELECT
  metric,
  date_trunc('month', day)::DATE AS month,
  sum(value) FILTER (counts AND is_newest) AS once,
  sum(value) AS every_row
FROM ranked
GROUP BY ALL
ORDER BY ALL
