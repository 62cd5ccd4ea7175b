CREATE SCHEMA catalog;

CREATE TABLE catalog.brands (
    slug text PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE catalog.categories (
    slug      text PRIMARY KEY,
    name      text NOT NULL,
    parent    text REFERENCES catalog.categories,
    image_url text NOT NULL,
    position  int  NOT NULL
);

CREATE TABLE catalog.products (
    id               uuid PRIMARY KEY,
    slug             text NOT NULL UNIQUE,
    name             text NOT NULL,
    description      text NOT NULL,
    brand            text NOT NULL REFERENCES catalog.brands,
    category         text NOT NULL REFERENCES catalog.categories,
    tags             text[] NOT NULL,
    image_url        text NOT NULL,
    images           jsonb NOT NULL,
    options          jsonb NOT NULL,
    published        boolean NOT NULL,
    rating           numeric(2, 1),
    -- Of its variants: the lowest price, what that is reduced from, the first SKU, all SKUs.
    price_minor      bigint NOT NULL CHECK (price_minor >= 0),
    compare_at_minor bigint,
    currency         char(3) NOT NULL,
    skus             text[] NOT NULL,
    -- Hash of what was imported: the same again changes nothing.
    import_hash      bytea NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    search           tsvector NOT NULL
);

CREATE INDEX products_search ON catalog.products USING gin (search);
CREATE INDEX products_category ON catalog.products (category);
CREATE INDEX products_newest ON catalog.products (created_at DESC, id) WHERE published;
CREATE INDEX products_price ON catalog.products (price_minor, id) WHERE published;
CREATE INDEX products_name ON catalog.products (name, id) WHERE published;

CREATE TABLE catalog.variants (
    sku              text PRIMARY KEY,
    product_id       uuid NOT NULL REFERENCES catalog.products,
    position         int NOT NULL,
    name             text NOT NULL,
    options          text[] NOT NULL,
    price_minor      bigint NOT NULL CHECK (price_minor >= 0),
    compare_at_minor bigint,
    currency         char(3) NOT NULL
);

CREATE INDEX variants_product ON catalog.variants (product_id, position);
