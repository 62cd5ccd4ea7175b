-- When the provider was first about to be asked: its memory of the key is counted from there.
ALTER TABLE payments.payments ADD COLUMN started_at timestamptz NOT NULL DEFAULT now();
UPDATE payments.payments SET started_at = updated_at;

CREATE TABLE payments.refunds (
    id                 uuid PRIMARY KEY,
    payment_id         uuid NOT NULL REFERENCES payments.payments,
    -- The provider's idempotency key: one per payment, as only whole payments are given back.
    key                text NOT NULL UNIQUE,
    amount_minor       bigint NOT NULL CHECK (amount_minor > 0),
    currency           char(3) NOT NULL,
    reason             text NOT NULL,
    refunded_at        timestamptz NOT NULL
);

-- What the provider told by webhook, stored before it is handled; the same event again changes nothing.
CREATE TABLE payments.provider_events (
    provider    text NOT NULL,
    event_id    text NOT NULL,
    type        text NOT NULL,
    payload     text NOT NULL,
    received_at timestamptz NOT NULL,
    handled_at  timestamptz,
    outcome     text,
    PRIMARY KEY (provider, event_id)
);

CREATE INDEX provider_events_unhandled ON payments.provider_events (received_at) WHERE handled_at IS NULL;
-- What the sweepers look for.
CREATE INDEX payments_unsettled ON payments.payments (updated_at) WHERE status IN ('Pending', 'Cancelling');
CREATE INDEX payments_reference ON payments.payments (provider_reference) WHERE provider_reference IS NOT NULL;

-- How often the money was really taken or held: an idempotent provider never gets beyond 1.
ALTER TABLE simulated_provider.charges ADD COLUMN times_charged int NOT NULL DEFAULT 0;
-- When money that was only held at first was taken; equal to charged_at when it was taken at once.
ALTER TABLE simulated_provider.charges ADD COLUMN captured_at timestamptz;
UPDATE simulated_provider.charges SET times_charged = 1, captured_at = charged_at WHERE accepted;
