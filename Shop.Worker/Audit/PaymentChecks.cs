namespace Shop.Worker.Audit;

/// <summary>Payments and refunds, and what the orders know of them. A message between the two may be under way for a moment.</summary>
internal static class PaymentChecks
{
    public static readonly AuditCheck[] All =
    [
        new("payments.order", "A payment is for an order.", AuditSubject.Payments, """
            SELECT payment.id AS payment_id, order_id, format('%s, and no such order', payment.status) AS wrong, 'an order' AS should
            FROM payments.payments AS payment LEFT JOIN ordering.orders ON orders.id = order_id WHERE orders.id IS NULL
            """),
        new("payments.once", "An order has one payment that isn't refused.", AuditSubject.Payments, """
            SELECT order_id, format('%s payments at once', count(*)) AS wrong, 'one' AS should
            FROM payments.payments WHERE status IN ('Pending', 'Authorized', 'Paid') GROUP BY order_id HAVING count(*) > 1
            """),
        new("payments.attempt", "A payment follows only one that was refused, and none is ahead of its order.", AuditSubject.Payments, """
            SELECT payment.id AS payment_id, order_id,
                format('payment %s of %s, and before it %s', attempt, payment_attempt, coalesce(before.statuses, 'nothing')) AS wrong,
                'refused ones before it' AS should
            FROM payments.payments AS payment JOIN ordering.orders ON orders.id = order_id
            CROSS JOIN LATERAL (
                SELECT string_agg(status, ', ') AS statuses,
                    count(*) FILTER (WHERE status IN ('Refused', 'Cancelling', 'Refunded')) AS refused
                FROM payments.payments AS earlier WHERE earlier.order_id = payment.order_id AND earlier.attempt < payment.attempt
            ) AS before
            WHERE attempt > 1 AND (before.refused <> attempt - 1 OR attempt > payment_attempt)
            """),
        new("payments.amount", "What is paid is what the order costs.", AuditSubject.Payments, """
            SELECT payment.id AS payment_id, order_id,
                format('%s %s, and the order costs %s %s', amount_minor, payment.currency, total_minor, orders.currency) AS wrong,
                format('%s %s', total_minor, orders.currency) AS should
            FROM payments.payments AS payment JOIN ordering.orders ON orders.id = order_id
            WHERE payment.status <> 'Void' AND (amount_minor, payment.currency) <> (total_minor, orders.currency)
            """),
        new("orders.payment", "Whoever gets the goods has paid, and who doesn't get them has the money.", AuditSubject.Orders, """
            SELECT orders.id AS order_id, payment.id AS payment_id,
                format('the order is %s, its payment %s', orders.status, coalesce(payment.status, 'missing')) AS wrong,
                CASE orders.status
                    WHEN 'Processing' THEN CASE payment.status WHEN 'Paid' THEN 'a confirmed order'
                        WHEN 'Authorized' THEN 'a confirmed order' ELSE 'a cancelled order' END
                    WHEN 'Cancelled' THEN 'no money kept'
                    WHEN 'Refunded' THEN 'the money given back'
                    ELSE 'Paid' END AS should
            FROM ordering.orders
            LEFT JOIN payments.payments AS payment ON payment.order_id = orders.id AND attempt = payment_attempt
            LEFT JOIN (SELECT order_id, max(at) AS at FROM ordering.history GROUP BY order_id) AS step ON step.order_id = orders.id
            WHERE greatest(placed_at, step.at, payment.updated_at) <= $1 AND coalesce(payment.status, '') <> ALL (CASE orders.status
                WHEN 'Processing' THEN CASE payment_status WHEN 'Refused' THEN ARRAY['Refused', 'Refunded'] ELSE ARRAY['', 'Pending'] END
                WHEN 'Cancelled' THEN ARRAY['', 'Void', 'Refused', 'Refunded']
                WHEN 'Refunded' THEN ARRAY['Refunded']
                ELSE ARRAY['Paid'] END)
            """),
        new("orders.payment-status", "What an order knows of its payment is so.", AuditSubject.Orders, """
            SELECT orders.id AS order_id, payment.id AS payment_id,
                format('the %s order takes its payment for %s, and it is %s', orders.status, payment_status,
                    coalesce(payment.status, 'missing')) AS wrong,
                coalesce(payment.status, 'Pending') AS should
            FROM ordering.orders
            LEFT JOIN payments.payments AS payment ON payment.order_id = orders.id AND attempt = payment_attempt
            LEFT JOIN (SELECT order_id, max(at) AS at FROM ordering.history GROUP BY order_id) AS step ON step.order_id = orders.id
            WHERE greatest(placed_at, step.at, payment.updated_at) <= $1 AND (CASE payment_status
                WHEN 'Paid' THEN payment.status IN ('Paid', 'Authorized')
                WHEN 'Refused' THEN payment.status IN ('Refused', 'Refunded')
                WHEN 'Refunded' THEN payment.status = 'Refunded'
                -- An order that was cancelled before its payment came out doesn't wait for it.
                WHEN 'Pending' THEN orders.status IN ('Processing', 'Cancelled') AND payment.status IS DISTINCT FROM 'Refunded'
                END) IS NOT TRUE
            """),
        new("refunds.once", "A payment is given back once.", AuditSubject.Refunds, """
            SELECT payment_id, format('%s refunds', count(*)) AS wrong, 'one' AS should
            FROM payments.refunds GROUP BY payment_id HAVING count(*) > 1
            """),
        new("refunds.payment", "What was given back is a whole payment, and the payment says so.", AuditSubject.Refunds, """
            SELECT refund.id AS refund_id, payment_id, order_id,
                format('%s %s given back of %s %s, %s', refund.amount_minor, refund.currency, payment.amount_minor, payment.currency,
                    payment.status) AS wrong,
                format('%s %s, Refunded', payment.amount_minor, payment.currency) AS should
            FROM payments.refunds AS refund JOIN payments.payments AS payment ON payment.id = payment_id
            WHERE payment.status <> 'Refunded' OR (refund.amount_minor, refund.currency) <> (payment.amount_minor, payment.currency)
            """),
        new("provider-events.handled", "What the provider told is handled.", AuditSubject.ProviderEvents, """
            SELECT provider, event_id, format('%s of %s is not handled', type, received_at) AS wrong, 'handled' AS should
            FROM payments.provider_events WHERE handled_at IS NULL AND received_at <= $1
            """),
    ];
}
