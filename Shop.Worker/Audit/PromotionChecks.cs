namespace Shop.Worker.Audit;

/// <summary>Flash sales against the orders that bought from them.</summary>
internal static class PromotionChecks
{
    public static readonly AuditCheck[] All =
    [
        new("sales.bounds", "A sale never sells more than it has.", AuditSubject.SaleItems, """
            SELECT sale_id, sku, format('%s taken of %s', taken, quantity) AS wrong, 'between 0 and what the sale has' AS should
            FROM promotions.flash_sale_items WHERE (taken BETWEEN 0 AND quantity) IS NOT TRUE
            """),
        new("sales.taken", "What is taken from a sale is the sum of its purchases that were not given back.", AuditSubject.SaleItems, """
            SELECT sale_id, sku, format('%s taken, and purchases of %s', coalesce(item.taken, 0), coalesce(bought.quantity, 0)) AS wrong,
                format('%s taken', coalesce(bought.quantity, 0)) AS should
            FROM promotions.flash_sale_items AS item
            FULL JOIN (
                SELECT sale_id, sku, sum(quantity) AS quantity FROM promotions.flash_sale_purchases
                    WHERE given_back_at IS NULL GROUP BY sale_id, sku
            ) AS bought USING (sale_id, sku)
            WHERE coalesce(item.taken, 0) <> coalesce(bought.quantity, 0)
            """),
        new("sales.limit", "No customer takes more than a sale allows to one.", AuditSubject.Purchases, """
            SELECT sale_id, sku, customer, format('%s taken, and %s allowed', bought.quantity, limit_per_customer) AS wrong,
                format('%s at most', limit_per_customer) AS should
            FROM promotions.flash_sale_items
            JOIN (
                SELECT sale_id, sku, customer, sum(quantity) AS quantity FROM promotions.flash_sale_purchases WHERE given_back_at IS NULL
                GROUP BY sale_id, sku, customer
            ) AS bought USING (sale_id, sku)
            WHERE bought.quantity > limit_per_customer
            """),
        new("purchases.line", "What was taken from a sale is on its order's lines.", AuditSubject.Purchases, """
            SELECT sale_id, order_id, sku, format('%s taken, and %s ordered', purchase.quantity, coalesce(line.quantity, 0)) AS wrong,
                'as many ordered as taken' AS should
            FROM promotions.flash_sale_purchases AS purchase
            LEFT JOIN (SELECT order_id, sku, sum(quantity) AS quantity
                FROM ordering.lines GROUP BY order_id, sku) AS line USING (order_id, sku)
            WHERE line.quantity IS DISTINCT FROM purchase.quantity
            """),
        new("purchases.given-back", "A cancelled order gives back what it took from a sale, and no order that stands does.",
            AuditSubject.Purchases, """
            SELECT sale_id, order_id, sku,
                format('the order is %s, its purchase %s', status,
                    CASE WHEN given_back_at IS NULL THEN 'kept' ELSE 'given back' END) AS wrong,
                CASE status WHEN 'Cancelled' THEN 'given back' ELSE 'kept' END AS should
            FROM promotions.flash_sale_purchases
            JOIN ordering.orders ON orders.id = order_id
            JOIN (SELECT order_id, max(at) AS at FROM ordering.history GROUP BY order_id) AS step USING (order_id)
            WHERE CASE status
                WHEN 'Cancelled' THEN given_back_at IS NULL AND step.at <= $1
                WHEN 'Refunded' THEN false
                ELSE given_back_at IS NOT NULL END
            """),
    ];
}
