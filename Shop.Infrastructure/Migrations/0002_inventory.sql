CREATE SCHEMA inventory;

CREATE TABLE inventory.stock (
    sku      text PRIMARY KEY,
    on_hand  int NOT NULL CHECK (on_hand >= 0),
    reserved int NOT NULL DEFAULT 0,
    -- The last line of defence of "never sells what it doesn't have".
    CONSTRAINT never_oversold CHECK (reserved BETWEEN 0 AND on_hand)
) WITH (fillfactor = 70);

CREATE INDEX stock_sold_out ON inventory.stock (sku) WHERE on_hand = reserved;

-- Every change of on_hand: its sum per SKU is on_hand.
CREATE TABLE inventory.movements (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku      text NOT NULL REFERENCES inventory.stock,
    quantity int NOT NULL,
    cause    text NOT NULL,
    order_id uuid,
    at       timestamptz NOT NULL
);

CREATE INDEX movements_sku ON inventory.movements (sku);

CREATE TABLE inventory.reservations (
    order_id   uuid NOT NULL,
    sku        text NOT NULL REFERENCES inventory.stock,
    quantity   int NOT NULL CHECK (quantity > 0),
    state      text NOT NULL CHECK (state IN ('held', 'sold', 'released')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, sku)
);

CREATE INDEX reservations_held ON inventory.reservations (expires_at) WHERE state = 'held';
