-- Whether any of a product's SKUs can be sold. Kept beside what is listed, so that no list has to ask the stock about the whole shop.
ALTER TABLE catalog.products ADD COLUMN in_stock boolean NOT NULL DEFAULT true;

-- SKUs that were sold out or came back since the catalogue looked: written by the statement that did it, and read once.
CREATE TABLE inventory.crossings (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL
);

CREATE FUNCTION inventory.note_crossing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory.crossings (sku) VALUES (NEW.sku);
    NOTIFY stock_crossed;
    RETURN NULL;
END $$;

-- The condition is looked at without calling the function: most orders take one of many.
CREATE TRIGGER crossed AFTER UPDATE ON inventory.stock FOR EACH ROW
    WHEN ((OLD.on_hand = OLD.reserved) <> (NEW.on_hand = NEW.reserved)) EXECUTE FUNCTION inventory.note_crossing();
CREATE TRIGGER appeared AFTER INSERT ON inventory.stock FOR EACH ROW
    WHEN (NEW.on_hand = NEW.reserved) EXECUTE FUNCTION inventory.note_crossing();

INSERT INTO inventory.crossings (sku) SELECT sku FROM inventory.stock WHERE on_hand = reserved;

-- Lists and facets of many products read these and not the wide rows of the table.
CREATE INDEX products_facets ON catalog.products (category, brand, price_minor, in_stock, currency) WHERE published;
CREATE INDEX products_rating ON catalog.products (coalesce(rating, 0) DESC, id DESC) WHERE published;
