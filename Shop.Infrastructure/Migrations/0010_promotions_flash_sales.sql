CREATE SCHEMA promotions;

CREATE TABLE promotions.flash_sales (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    -- Equal: called off before it began.
    CHECK (starts_at <= ends_at)
);

CREATE INDEX flash_sales_ends ON promotions.flash_sales (ends_at);

-- While its sale runs a SKU is sold by the sale alone: at its price, up to its quantity, so much to a customer.
CREATE TABLE promotions.flash_sale_items (
    sale_id            uuid NOT NULL REFERENCES promotions.flash_sales,
    sku                text NOT NULL,
    price_minor        bigint NOT NULL CHECK (price_minor >= 0),
    currency           char(3) NOT NULL,
    quantity           int NOT NULL CHECK (quantity > 0),
    taken              int NOT NULL DEFAULT 0,
    limit_per_customer int NOT NULL CHECK (limit_per_customer > 0),
    PRIMARY KEY (sale_id, sku),
    -- As with stock, the last line of defence.
    CONSTRAINT never_oversold CHECK (taken BETWEEN 0 AND quantity)
) WITH (fillfactor = 70);

CREATE INDEX flash_sale_items_sku ON promotions.flash_sale_items (sku);

-- Who took what: for the limit per customer, and for giving back.
CREATE TABLE promotions.flash_sale_purchases (
    sale_id       uuid NOT NULL,
    sku           text NOT NULL,
    order_id      uuid NOT NULL,
    customer      text NOT NULL,
    quantity      int NOT NULL CHECK (quantity > 0),
    given_back_at timestamptz,
    PRIMARY KEY (order_id, sku)
);

CREATE INDEX flash_sale_purchases_customer ON promotions.flash_sale_purchases (sale_id, sku, customer);
