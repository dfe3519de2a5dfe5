-- One row a metric, grain and period of the sample company that is complete: the share of the sums,
-- and the mean of the shares of its days and services, which is the mistake.
WITH counting AS (
  SELECT id FROM batch WHERE id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
),
daily AS (
  SELECT part, segment_id, day, numerator, denominator
  FROM fact
  WHERE grain = 'day' AND batch_id IN (FROM counting)
  QUALIFY row_number() OVER (PARTITION BY part, segment_id, day ORDER BY batch_id DESC) = 1
),
shares AS (
  SELECT 'biz.tx_success' AS metric, day, numerator AS upper, denominator AS lower
  FROM daily
  WHERE part = 'biz.tx_success'
  UNION ALL
  SELECT 'it.availability', up.day, up.numerator, agreed.numerator
  FROM daily AS up JOIN daily AS agreed USING (segment_id, day)
  WHERE up.part = 'outage.up_minutes' AND agreed.part = 'outage.agreed_minutes'
)
SELECT
  metric,
  grain,
  date_trunc(grain, day)::DATE AS period,
  sum(upper) / sum(lower) AS share_of_sums,
  avg(upper / lower) AS mean_of_shares
FROM shares, (VALUES ('month', 1), ('quarter', 3), ('year', 12)) AS grains (grain, months)
GROUP BY metric, grain, months, period
HAVING count(DISTINCT date_trunc('month', day)) = months
ORDER BY ALL
