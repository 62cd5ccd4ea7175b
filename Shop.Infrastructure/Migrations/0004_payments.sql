CREATE SCHEMA payments;

CREATE TABLE payments.payments (
    id                 uuid PRIMARY KEY,
    order_id           uuid NOT NULL UNIQUE,
    amount_minor       bigint NOT NULL,
    currency           char(3) NOT NULL,
    status             text NOT NULL,
    provider_reference text,
    reason             text,
    updated_at         timestamptz NOT NULL
);

-- The simulated provider's own books. It stands for a company of its own: nothing of the shop's
-- transactions reaches it, and the shop never reads it.
CREATE SCHEMA simulated_provider;

CREATE TABLE simulated_provider.charges (
    idempotency_key text PRIMARY KEY,
    amount_minor    bigint NOT NULL,
    currency        char(3) NOT NULL,
    times_asked     int NOT NULL,
    accepted        boolean,
    reason          text,
    refund_key      text,
    charged_at      timestamptz,
    refunded_at     timestamptz
);
