-- What the sweepers look for and no other index leads to.
CREATE INDEX orders_off ON ordering.orders (id) WHERE status IN ('Cancelled', 'Refunded') AND payment_status IN ('Pending', 'Paid');
CREATE INDEX payments_held ON payments.payments (updated_at) WHERE status = 'Authorized';
CREATE INDEX refunds_refunded ON payments.refunds (refunded_at);

-- Rows come in the order of time, so each of these is written at its last page, which is in memory.
CREATE INDEX idempotency_keys_created ON ordering.idempotency_keys (created_at);
CREATE INDEX inbox_handled ON messaging.inbox (handled_at);
CREATE INDEX provider_events_received ON payments.provider_events (received_at) WHERE handled_at IS NOT NULL;
