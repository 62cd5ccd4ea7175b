-- An order in a transaction of its own, as articles teach it: the database's part alone, without any HTTP.
--   pgbench -n -M prepared -f one-by-one.pgbench.sql -D skus=100 -c 32 -j 2 -T 20 "$DATABASE"
-- With -D skus=1 all want the same SKU. tables.sql makes the tables and their stock.
\set sku random(1, :skus)
BEGIN;
SELECT on_hand - reserved AS available FROM peer.stock WHERE sku = :sku FOR UPDATE \gset
UPDATE peer.stock SET reserved = reserved + 1 WHERE sku = :sku AND on_hand - reserved >= 1;
INSERT INTO peer.orders (email, address, total_minor) VALUES ('buyer@example.com', 'Ada Byron, Main Street 1, 5003 Bergen', 1999)
    RETURNING id AS order_id \gset
INSERT INTO peer.lines (order_id, position, sku, name, unit_price_minor, quantity) VALUES (:order_id, 1, :sku, 'A thing', 1999, 1);
INSERT INTO peer.outbox (order_id, payload) VALUES (:order_id, '{"type": "order-placed"}');
COMMIT;
