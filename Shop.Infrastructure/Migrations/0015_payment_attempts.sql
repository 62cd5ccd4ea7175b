-- An order whose card was refused stays payable for a while: each attempt is a payment of its own.
ALTER TABLE ordering.orders ADD COLUMN payment_attempt int NOT NULL DEFAULT 1 CHECK (payment_attempt > 0),
    ADD COLUMN payment_reason text, ADD COLUMN pay_until timestamptz;

ALTER TABLE payments.payments ADD COLUMN attempt int NOT NULL DEFAULT 1 CHECK (attempt > 0);
ALTER TABLE payments.payments DROP CONSTRAINT payments_order_id_key;
ALTER TABLE payments.payments ADD CONSTRAINT payments_attempt UNIQUE (order_id, attempt);
