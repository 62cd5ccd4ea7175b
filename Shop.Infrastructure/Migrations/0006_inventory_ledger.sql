-- Grows with every change of the row: whoever tells others of a level can tell the newer from the older.
ALTER TABLE inventory.stock ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- 'returned': sold, and put back into stock.
ALTER TABLE inventory.reservations DROP CONSTRAINT reservations_state_check;
ALTER TABLE inventory.reservations ADD CONSTRAINT reservations_state_check CHECK (state IN ('held', 'sold', 'released', 'returned'));

ALTER TABLE inventory.movements ADD CONSTRAINT movements_cause_check CHECK (cause IN ('import', 'sale', 'return', 'correction'));
