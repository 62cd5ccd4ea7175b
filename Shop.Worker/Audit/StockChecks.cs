namespace Shop.Worker.Audit;

/// <summary>Stock against its ledger and its reservations, and these against the orders they are for.</summary>
internal static class StockChecks
{
    public static readonly AuditCheck[] All =
    [
        new("stock.bounds", "What is reserved is never negative and never more than what is on hand.", AuditSubject.Stock, """
            SELECT sku, format('%s reserved of %s on hand', reserved, on_hand) AS wrong, 'between 0 and what is on hand' AS should
            FROM inventory.stock WHERE (reserved BETWEEN 0 AND on_hand) IS NOT TRUE
            """),
        new("stock.listed", "A product is listed as in stock while any of its SKUs can be sold.", AuditSubject.Stock, """
            SELECT product.skus[1] AS sku, format('listed as %s', CASE WHEN in_stock THEN 'in stock' ELSE 'sold out' END) AS wrong,
                CASE WHEN in_stock THEN 'sold out' ELSE 'in stock' END AS should
            FROM catalog.products AS product
            WHERE in_stock <> EXISTS (SELECT FROM inventory.stock WHERE sku = ANY (product.skus) AND on_hand > reserved)
                AND NOT EXISTS (SELECT FROM inventory.crossings WHERE sku = ANY (product.skus))
            """),
        new("stock.ledger", "What is on hand is the sum of its movements.", AuditSubject.Stock, """
            SELECT sku, format('%s on hand, and movements of %s in all', on_hand, coalesce(moved.quantity, 0)) AS wrong,
                format('%s on hand', coalesce(moved.quantity, 0)) AS should
            FROM inventory.stock
            LEFT JOIN (SELECT sku, sum(quantity) AS quantity FROM inventory.movements GROUP BY sku) AS moved USING (sku)
            WHERE on_hand <> coalesce(moved.quantity, 0)
            """),
        new("stock.reserved", "What is reserved is the sum of the reservations that are held.", AuditSubject.Stock, """
            SELECT sku, format('%s reserved, and reservations of %s held', reserved, coalesce(held.quantity, 0)) AS wrong,
                format('%s reserved', coalesce(held.quantity, 0)) AS should
            FROM inventory.stock
            LEFT JOIN (SELECT sku, sum(quantity) AS quantity FROM inventory.reservations
                WHERE state = 'held' GROUP BY sku) AS held USING (sku)
            WHERE reserved <> coalesce(held.quantity, 0)
            """),
        new("movements.once", "An order's SKU is sold once and returned once.", AuditSubject.Movements, """
            SELECT order_id, sku, format('%s movements for a %s', count(*), cause) AS wrong, 'one' AS should
            FROM inventory.movements WHERE order_id IS NOT NULL GROUP BY order_id, sku, cause HAVING count(*) > 1
            """),
        new("movements.sale", "What was sold had been reserved, as much of it, and the reservation says so.", AuditSubject.Movements, """
            SELECT movement.order_id, movement.sku,
                format('a sale of %s, and %s', -movement.quantity,
                    coalesce(format('a reservation of %s, %s', reservation.quantity, state), 'no reservation')) AS wrong,
                'a reservation of as many, sold or returned' AS should
            FROM inventory.movements AS movement LEFT JOIN inventory.reservations AS reservation USING (order_id, sku)
            WHERE movement.cause = 'sale' AND (state IN ('sold', 'returned') AND movement.quantity = -reservation.quantity) IS NOT TRUE
            """),
        new("movements.return", "What was returned had been sold, as much of it, and the reservation says so.", AuditSubject.Movements, """
            SELECT movement.order_id, movement.sku,
                format('a return of %s, and %s', movement.quantity,
                    coalesce(format('a reservation of %s, %s', reservation.quantity, state), 'no reservation')) AS wrong,
                'a reservation of as many, returned' AS should
            FROM inventory.movements AS movement LEFT JOIN inventory.reservations AS reservation USING (order_id, sku)
            WHERE movement.cause = 'return' AND (state = 'returned' AND movement.quantity = reservation.quantity) IS NOT TRUE
            """),
        new("reservations.sale", "What a reservation says is sold has left the stock.", AuditSubject.Reservations, """
            SELECT order_id, sku, format('a reservation of %s, %s, and no sale', reservation.quantity, state) AS wrong,
                format('a sale of %s', reservation.quantity) AS should
            FROM inventory.reservations AS reservation
            LEFT JOIN (SELECT order_id, sku FROM inventory.movements WHERE cause = 'sale') AS sale USING (order_id, sku)
            WHERE state IN ('sold', 'returned') AND sale IS NULL
            """),
        new("reservations.return", "What a reservation says is returned is back in the stock.", AuditSubject.Reservations, """
            SELECT order_id, sku, format('a reservation of %s, returned, and no return', reservation.quantity) AS wrong,
                format('a return of %s', reservation.quantity) AS should
            FROM inventory.reservations AS reservation
            LEFT JOIN (SELECT order_id, sku FROM inventory.movements WHERE cause = 'return') AS back USING (order_id, sku)
            WHERE state = 'returned' AND back IS NULL
            """),
        new("reservations.order", "A reservation is for an order.", AuditSubject.Reservations, """
            SELECT order_id, sku, format('a reservation of %s, %s, and no such order', quantity, state) AS wrong, 'an order' AS should
            FROM inventory.reservations LEFT JOIN ordering.orders ON orders.id = order_id WHERE orders.id IS NULL
            """),
        new("reservations.line", "What an order has on its lines is what was reserved for it.", AuditSubject.Lines, """
            SELECT order_id, sku, format('%s ordered and %s reserved', coalesce(ordered.quantity, 0),
                coalesce(reservation.quantity, 0)) AS wrong,
                'as many reserved as ordered' AS should
            FROM (SELECT order_id, sku, sum(quantity) AS quantity FROM ordering.lines GROUP BY order_id, sku) AS ordered
            FULL JOIN inventory.reservations AS reservation USING (order_id, sku)
            JOIN ordering.orders ON orders.id = order_id
            WHERE ordered.quantity IS DISTINCT FROM reservation.quantity
            """),
        new("reservations.state", "A reservation is where its order is.", AuditSubject.Reservations, """
            SELECT order_id, sku, format('the order is %s, its reservation %s', status, state) AS wrong,
                CASE status WHEN 'Processing' THEN 'held' WHEN 'Cancelled' THEN 'released'
                    WHEN 'Refunded' THEN 'sold or returned' ELSE 'sold' END AS should
            FROM inventory.reservations JOIN ordering.orders ON orders.id = order_id
            WHERE state <> ALL (CASE status
                WHEN 'Processing' THEN ARRAY['held']
                WHEN 'Cancelled' THEN ARRAY['released']
                WHEN 'Refunded' THEN ARRAY['sold', 'returned']
                ELSE ARRAY['sold'] END)
            """),
        new("reservations.overdue", "Nothing is held for an order beyond its time.", AuditSubject.Reservations, """
            SELECT order_id, sku, format('held until %s and still', expires_at) AS wrong, 'sold or released' AS should
            FROM inventory.reservations WHERE state = 'held' AND expires_at <= $1
            """),
    ];
}
