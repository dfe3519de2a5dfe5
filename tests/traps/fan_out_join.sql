-- One row a month of the sample company: orders, revenue and minutes of downtime, each added up on
-- its own, and orders and revenue after a join with the outages of their day, which is the mistake:
-- on a day with two outages every order stands twice.
WITH counting AS (
  SELECT id FROM batch WHERE id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
),
sold AS (
  SELECT
    timezone('Europe/London', timezone('UTC', ordered_at))::DATE AS day,
    (NOT is_return)::INTEGER AS orders,
    amount - coalesce(refunded, 0) AS revenue
  FROM event_transaction
  WHERE batch_id IN (FROM counting)
  QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY batch_id DESC) = 1
),
spans AS (
  SELECT * FROM event_outage
  WHERE batch_id IN (FROM counting)
  QUALIFY
    row_number() OVER (PARTITION BY service, started_at, state ORDER BY batch_id DESC) = 1
),
minutes AS (
  SELECT DISTINCT
    service,
    state,
    unnest(generate_series(started_at, ended_at - INTERVAL 1 MINUTE, INTERVAL 1 MINUTE)) AS minute
  FROM spans
  WHERE state IN ('down', 'planned')
),
dark AS (
  SELECT timezone('Europe/London', timezone('UTC', minute))::DATE AS day
  FROM minutes AS down
  WHERE state = 'down' AND NOT EXISTS (
    FROM minutes AS planned
    WHERE planned.state = 'planned'
      AND planned.service = down.service
      AND planned.minute = down.minute
  )
),
outages AS (
  SELECT timezone('Europe/London', timezone('UTC', started_at))::DATE AS day
  FROM spans
  WHERE state = 'down'
),
alone AS (
  SELECT date_trunc('month', day)::DATE AS month, sum(orders) AS orders, sum(revenue) AS revenue
  FROM sold
  GROUP BY ALL
),
joined AS (
  SELECT date_trunc('month', day)::DATE AS month, sum(orders) AS orders, sum(revenue) AS revenue
  FROM sold LEFT JOIN outages USING (day)
  GROUP BY ALL
),
downtime AS (
  SELECT date_trunc('month', day)::DATE AS month, count(*) AS minutes FROM dark GROUP BY ALL
)
SELECT
  month,
  alone.orders,
  alone.revenue,
  coalesce(downtime.minutes, 0) AS downtime,
  joined.orders AS joined_orders,
  joined.revenue AS joined_revenue
FROM alone JOIN joined USING (month) LEFT JOIN downtime USING (month)
ORDER BY month
