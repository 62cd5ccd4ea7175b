using Shop.Domain.Ordering;

namespace Shop.Worker.Audit;

/// <summary>Orders as they are in themselves.</summary>
internal static class OrderChecks
{
    public static readonly AuditCheck[] All =
    [
        new("orders.lines", "An order has lines.", AuditSubject.Orders, """
            SELECT id AS order_id, 'no lines' AS wrong, 'one at least' AS should
            FROM ordering.orders LEFT JOIN (SELECT DISTINCT order_id FROM ordering.lines) AS line ON line.order_id = id
                WHERE line.order_id IS NULL
            """),
        new("orders.history", "An order has a history.", AuditSubject.Orders, """
            SELECT id AS order_id, 'no history' AS wrong, 'one step at least' AS should
            FROM ordering.orders LEFT JOIN (SELECT DISTINCT order_id FROM ordering.history) AS step ON step.order_id = id
                WHERE step.order_id IS NULL
            """),
        new("orders.total", "An order's total is the sum of its lines.", AuditSubject.Orders, """
            SELECT id AS order_id, format('a total of %s, and lines of %s', total_minor, ordered.total) AS wrong,
                format('a total of %s', ordered.total) AS should
            FROM ordering.orders
            JOIN (SELECT order_id, sum(unit_price_minor * quantity) AS total
                FROM ordering.lines GROUP BY order_id) AS ordered ON ordered.order_id = id
            WHERE total_minor <> ordered.total
            """),
        new("orders.status", "An order is where its last step led.", AuditSubject.Orders, """
            SELECT id AS order_id, format('%s, and its last step is %s', orders.status, step.status) AS wrong, step.status AS should
            FROM ordering.orders
            JOIN (SELECT DISTINCT ON (order_id) order_id, status
                FROM ordering.history ORDER BY order_id, id DESC) AS step ON step.order_id = orders.id
            WHERE orders.status <> step.status
            """),
        new("history.once", "An order comes to a state once.", AuditSubject.History, """
            SELECT order_id, format('%s, %s times', status, count(*)) AS wrong, 'once' AS should
            FROM ordering.history GROUP BY order_id, status HAVING count(*) > 1
            """),
        new("history.step", "An order goes only where the rules allow.", AuditSubject.History, """
            SELECT order_id, format('%s after %s', status, coalesce(previous, 'nothing')) AS wrong, 'a step that the rules allow' AS should
            FROM (SELECT order_id, status, lag(status) OVER (PARTITION BY order_id ORDER BY id) AS previous FROM ordering.history) AS step
            WHERE previous IS DISTINCT FROM status AND coalesce(previous, '') || '>' || status <> ALL ($2)
            """)
        {
            Parameter = LegalSteps(),
        },
        // Keys are swept away when they are old: not within a day, and the oldest first.
        new("orders.key", "An order was asked for under one idempotency key.", AuditSubject.Orders, """
            SELECT id AS order_id, format('%s keys', coalesce(asked.keys, 0)) AS wrong, 'one' AS should
            FROM ordering.orders
            LEFT JOIN (SELECT order_id, count(*) AS keys FROM ordering.idempotency_keys GROUP BY order_id) AS asked ON asked.order_id = id
            WHERE asked.keys > 1 OR (asked.keys IS NULL AND placed_at >
                least($1 - interval '1 day', (SELECT min(created_at) FROM ordering.idempotency_keys)))
            """),
        new("keys.order", "An idempotency key leads to an order.", AuditSubject.Keys, """
            SELECT key, order_id, 'no such order' AS wrong, 'an order' AS should
            FROM ordering.idempotency_keys LEFT JOIN ordering.orders ON orders.id = order_id WHERE orders.id IS NULL
            """),
    ];

    /// <summary>As the order's own rules have it: <c>&gt;Processing</c>, <c>Processing&gt;Confirmed</c>, …</summary>
    private static string[] LegalSteps() =>
    [
        $">{OrderStatus.Processing}",
        .. Enum.GetValues<OrderStatus>().SelectMany(from => Order.Next(from).ToArray().Select(to => $"{from}>{to}")),
    ];
}
