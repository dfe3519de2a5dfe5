-- One row a month of the sample company: orders and revenue with days that begin at midnight in the
-- organisation's zone, and with days that begin at midnight UTC, which is the mistake.
WITH counting AS (
  SELECT id FROM batch WHERE id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
),
newest AS (
  SELECT * FROM event_transaction
  WHERE batch_id IN (FROM counting)
  QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY batch_id DESC) = 1
),
sold AS (
  SELECT
    unnest(['here', 'utc']) AS clock,
    unnest([timezone('Europe/London', timezone('UTC', ordered_at)), ordered_at]) AS moment,
    (NOT is_return)::INTEGER AS orders,
    amount - coalesce(refunded, 0) AS revenue
  FROM newest
)
SELECT
  date_trunc('month', moment)::DATE AS month,
  sum(orders) FILTER (clock = 'here') AS orders,
  sum(revenue) FILTER (clock = 'here') AS revenue,
  sum(orders) FILTER (clock = 'utc') AS orders_utc,
  sum(revenue) FILTER (clock = 'utc') AS revenue_utc
FROM sold
GROUP BY ALL
ORDER BY ALL
