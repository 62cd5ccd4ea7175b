-- Tables for pgbench, beside the shop's own and touched by nothing of it.
--   psql "$DATABASE" -f tables.sql
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
CREATE TABLE peer.stock (sku int PRIMARY KEY, on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
    CHECK (reserved BETWEEN 0 AND on_hand)) WITH (fillfactor = 70);
CREATE TABLE peer.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, address text NOT NULL,
    total_minor bigint NOT NULL, status text NOT NULL DEFAULT 'processing', placed_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE peer.lines (order_id bigint NOT NULL REFERENCES peer.orders, position int NOT NULL, sku int NOT NULL, name text NOT NULL,
    unit_price_minor bigint NOT NULL, quantity int NOT NULL, PRIMARY KEY (order_id, position));
CREATE TABLE peer.outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL, payload text NOT NULL);
INSERT INTO peer.stock (sku, on_hand) SELECT sku, 1000000000 FROM generate_series(1, 100) AS sku;
