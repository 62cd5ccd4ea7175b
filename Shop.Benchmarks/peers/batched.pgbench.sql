-- A hundred orders in one transaction, by multi-row statements: what the database can do when orders are written together.
--   pgbench -n -M prepared -f batched.pgbench.sql -D skus=100 -c 1 -T 20 "$DATABASE"
-- Orders a second are a hundred times the transactions that pgbench counts.
BEGIN;
SELECT count(*) FROM (SELECT FROM peer.stock WHERE sku <= :skus ORDER BY sku FOR UPDATE) AS locked;
UPDATE peer.stock SET reserved = reserved + 100 / :skus WHERE sku <= :skus;
WITH placed AS (
    INSERT INTO peer.orders (email, address, total_minor)
    SELECT 'buyer@example.com', 'Ada Byron, Main Street 1, 5003 Bergen', 1999 FROM generate_series(1, 100)
    RETURNING id
), line AS (
    INSERT INTO peer.lines (order_id, position, sku, name, unit_price_minor, quantity)
    SELECT id, 1, 1 + id % :skus, 'A thing', 1999, 1 FROM placed
)
INSERT INTO peer.outbox (order_id, payload) SELECT id, '{"type": "order-placed"}' FROM placed;
COMMIT;
