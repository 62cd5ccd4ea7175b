-- A key leads to its order, which knows what was answered.
ALTER TABLE ordering.idempotency_keys DROP COLUMN number, DROP COLUMN total_minor, DROP COLUMN currency;
