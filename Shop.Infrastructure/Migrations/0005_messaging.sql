CREATE SCHEMA messaging;

-- Events written in the transaction of their cause; the relay publishes and deletes them.
CREATE TABLE messaging.outbox (
    id              uuid PRIMARY KEY,
    type            text NOT NULL,
    payload         text NOT NULL,
    trace_parent    text,
    occurred_at     timestamptz NOT NULL,
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    last_error      text
);

CREATE INDEX outbox_due ON messaging.outbox (next_attempt_at, id);

-- What each consumer has handled: a message delivered again changes nothing.
CREATE TABLE messaging.inbox (
    consumer   text NOT NULL,
    message_id uuid NOT NULL,
    handled_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, message_id)
);
