-- Set: the message goes to this queue alone, past the exchange (a dead letter sent again).
ALTER TABLE messaging.outbox ADD COLUMN queue text;
-- Set: the message goes by this id instead of the row's. A letter sent again keeps its own, by which its consumer knows
-- whether it has handled it; and one message may have died in two queues.
ALTER TABLE messaging.outbox ADD COLUMN message_id uuid;
-- Set: it was tried too often; it waits for a person and nothing waits for it.
ALTER TABLE messaging.outbox ADD COLUMN parked_at timestamptz;

-- In the order in which they are taken: what was never tried comes first, by age; what isn't due yet is never looked at.
DROP INDEX messaging.outbox_due;
CREATE INDEX outbox_due ON messaging.outbox (next_attempt_at, id) WHERE parked_at IS NULL;
CREATE INDEX outbox_parked ON messaging.outbox (id) WHERE parked_at IS NOT NULL;
-- Rows live for milliseconds: without a vacuum every few thousand the relay would wade through dead ones.
ALTER TABLE messaging.outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Messages that no consumer could handle, with the reason; kept until they are sent again or discarded. One row for a
-- message and the queue in which it died, however often it does.
CREATE TABLE messaging.dead_letters (
    id              uuid PRIMARY KEY,
    message_id      text,
    queue           text NOT NULL,
    type            text NOT NULL,
    payload         bytea NOT NULL,
    trace_parent    text,
    reason          text NOT NULL,
    attempts        int NOT NULL,
    first_failed_at timestamptz,
    died_at         timestamptz NOT NULL,
    resent_at       timestamptz,
    discarded_at    timestamptz
);

CREATE INDEX dead_letters_open ON messaging.dead_letters (died_at, id) WHERE resent_at IS NULL AND discarded_at IS NULL;
