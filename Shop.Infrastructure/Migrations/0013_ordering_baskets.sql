-- Which version of a basket became which order: each is ordered once, whoever asks how often.
CREATE TABLE ordering.ordered_baskets (
    version    uuid PRIMARY KEY,
    order_id   uuid NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX ordered_baskets_created ON ordering.ordered_baskets (created_at);
