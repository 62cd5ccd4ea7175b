-- Set: the message goes to this queue alone, past the exchange (a dead letter sent again).
ALTER TABLE messaging.outbox ADD COLUMN queue text;
-- Set: it was tried too often; it waits for a person and nothing waits for it.
ALTER TABLE messaging.outbox ADD COLUMN parked_at timestamptz;

DROP INDEX messaging.outbox_due;
CREATE INDEX outbox_due ON messaging.outbox (id) WHERE parked_at IS NULL;
-- Rows live for milliseconds: without a vacuum every few thousand the relay would wade through dead ones.
ALTER TABLE messaging.outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Messages that no consumer could handle, with the reason; kept until they are sent again or discarded.
CREATE TABLE messaging.dead_letters (
    id           uuid PRIMARY KEY,
    message_id   text,
    queue        text NOT NULL,
    type         text NOT NULL,
    payload      bytea NOT NULL,
    trace_parent text,
    reason       text NOT NULL,
    attempts     int NOT NULL,
    died_at      timestamptz NOT NULL,
    resent_at    timestamptz,
    discarded_at timestamptz
);

CREATE INDEX dead_letters_open ON messaging.dead_letters (died_at) WHERE resent_at IS NULL AND discarded_at IS NULL;
