-- One row a metric and period over all segments, as the rollup table holds it: the newest version
-- among the batches that were not taken back.
SELECT metric, grain, period, value
FROM rollup
WHERE segment_id = 0
  AND grain IN ('month', 'quarter')
  AND batch_id NOT IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL)
QUALIFY row_number() OVER (PARTITION BY metric, grain, period ORDER BY batch_id DESC) = 1
