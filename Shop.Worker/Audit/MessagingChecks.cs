namespace Shop.Worker.Audit;

/// <summary>Messages that have got stuck, and those that wait for a person.</summary>
internal static class MessagingChecks
{
    public static readonly AuditCheck[] All =
    [
        new("outbox.stuck", "An event leaves the outbox at once.", AuditSubject.Outbox, """
            SELECT id AS event_id, format('%s of %s, tried %s times%s', type, occurred_at, attempts, ': ' || last_error) AS wrong,
                'published' AS should
            FROM messaging.outbox WHERE parked_at IS NULL AND occurred_at <= $1
            """),
        new("outbox.parked", "No event is parked, waiting for a person.", AuditSubject.Outbox, """
            SELECT id AS event_id, format('%s of %s, parked after %s tries%s', type, occurred_at, attempts, ': ' || last_error) AS wrong,
                'sent again or discarded' AS should
            FROM messaging.outbox WHERE parked_at IS NOT NULL
            """),
        new("dead-letters.open", "No dead letter waits for a person.", AuditSubject.DeadLetters, """
            SELECT id AS dead_letter_id, message_id, format('%s of %s died of: %s', type, queue, reason) AS wrong,
                'sent again or discarded' AS should
            FROM messaging.dead_letters WHERE resent_at IS NULL AND discarded_at IS NULL
            """),
    ];
}
