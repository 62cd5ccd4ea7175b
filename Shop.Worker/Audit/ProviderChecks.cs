namespace Shop.Worker.Audit;

/// <summary>
/// The shop's payments against the books of the simulated provider, which stands for a company of its own: what it
/// has charged is charged, whatever the shop believes. A charge's key begins with its order's id.
/// </summary>
internal static class ProviderChecks
{
    public static readonly AuditCheck[] All =
    [
        new("provider.once", "No order is charged twice.", AuditSubject.Charges, """
            SELECT left(idempotency_key, 32)::uuid AS order_id, format('charged %s times', sum(times_charged)) AS wrong, 'once' AS should
            FROM simulated_provider.charges GROUP BY left(idempotency_key, 32) HAVING sum(times_charged) > 1
            """),
        new("provider.paid", "What the shop takes for paid the provider has taken, as much of it, and keeps.", AuditSubject.Charges, """
            SELECT payment.id AS payment_id, order_id,
                format('%s of %s %s, and the provider keeps %s', payment.status, amount_minor, payment.currency,
                    coalesce(kept.charges, 'nothing')) AS wrong,
                format('%s %s kept', amount_minor, payment.currency) AS should
            FROM payments.payments AS payment
            LEFT JOIN (
                SELECT left(idempotency_key, 32) AS order_key, count(*) AS count, sum(amount_minor) AS amount, min(currency) AS currency,
                    bool_and(captured_at IS NOT NULL) AS taken,
                    string_agg(format('%s %s%s', amount_minor, currency, CASE WHEN captured_at IS NULL THEN ' on hold' END),
                        ' and ') AS charges
                FROM simulated_provider.charges WHERE accepted AND (refunded_at IS NULL OR refunded_at > $1) GROUP BY 1
            ) AS kept ON order_key = replace(order_id::text, '-', '')
            WHERE payment.status IN ('Paid', 'Authorized') AND left(coalesce(provider_reference, 'sim_'), 4) = 'sim_'
                AND (kept.count = 1 AND (kept.amount, kept.currency) = (amount_minor, payment.currency)
                    AND (taken OR payment.status = 'Authorized')) IS NOT TRUE
            """),
        new("provider.kept", "The provider keeps money only for what is paid.", AuditSubject.Charges, """
            SELECT idempotency_key AS charge, order_id,
                format('%s %s kept, and the payment is %s', charge.amount_minor, charge.currency,
                    coalesce(payment.status, 'unknown')) AS wrong,
                'given back' AS should
            FROM simulated_provider.charges AS charge
            LEFT JOIN payments.payments AS payment
                ON replace(order_id::text, '-', '') || CASE attempt WHEN 1 THEN '' ELSE format('-%s', attempt) END = idempotency_key
            WHERE accepted AND refunded_at IS NULL AND greatest(charged_at, updated_at) <= $1
                AND coalesce(status, '') NOT IN ('Paid', 'Authorized')
            """),
    ];
}
