-- What the sweepers look for and no other index leads to.
CREATE INDEX orders_off ON ordering.orders (id) WHERE status IN ('Cancelled', 'Refunded') AND payment_status IN ('Pending', 'Paid');
CREATE INDEX payments_held ON payments.payments (updated_at) WHERE status = 'Authorized';
CREATE INDEX refunds_refunded ON payments.refunds (refunded_at);

-- These tables grow by a row an order or message, in the order of time: a block range index finds the old ones
-- and costs next to nothing at the writing, where a tree would cost a page each time.
CREATE INDEX idempotency_keys_created ON ordering.idempotency_keys USING brin (created_at) WITH (autosummarize = on);
CREATE INDEX inbox_handled ON messaging.inbox USING brin (handled_at) WITH (autosummarize = on);
