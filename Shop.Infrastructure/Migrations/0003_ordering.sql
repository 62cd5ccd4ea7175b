CREATE SCHEMA ordering;

CREATE SEQUENCE ordering.order_number START 10001;

CREATE TABLE ordering.orders (
    id             uuid PRIMARY KEY,
    number         bigint NOT NULL UNIQUE,
    status         text NOT NULL,
    payment_status text NOT NULL,
    cancel_reason  text,
    email          text NOT NULL,
    ship_name      text NOT NULL,
    ship_line1     text NOT NULL,
    ship_line2     text,
    ship_city      text NOT NULL,
    ship_postal    text NOT NULL,
    ship_country   char(2) NOT NULL,
    payment_method text NOT NULL,
    total_minor    bigint NOT NULL CHECK (total_minor >= 0),
    currency       char(3) NOT NULL,
    placed_at      timestamptz NOT NULL
);

CREATE INDEX orders_unsettled ON ordering.orders (placed_at) WHERE status = 'Processing';

CREATE TABLE ordering.lines (
    order_id         uuid NOT NULL REFERENCES ordering.orders,
    position         int NOT NULL,
    sku              text NOT NULL,
    product_slug     text NOT NULL,
    name             text NOT NULL,
    variant          text NOT NULL,
    image_url        text NOT NULL,
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    quantity         int NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, position)
);

CREATE TABLE ordering.history (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES ordering.orders,
    status   text NOT NULL,
    at       timestamptz NOT NULL,
    cause    text NOT NULL
);

CREATE INDEX history_order ON ordering.history (order_id);

CREATE TABLE ordering.idempotency_keys (
    key          uuid PRIMARY KEY,
    request_hash bytea NOT NULL,
    order_id     uuid NOT NULL,
    -- What was answered the first time; set in the transaction that claimed the key.
    number       bigint,
    total_minor  bigint,
    currency     char(3),
    created_at   timestamptz NOT NULL
);
