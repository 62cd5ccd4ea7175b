namespace Shop.Worker.Audit;

/// <summary>What checks look at.</summary>
/// <param name="Name">In the plural, for people.</param>
/// <param name="Table">Whose rows are counted, to show how much was looked at.</param>
internal sealed record AuditSubject(string Name, string Table)
{
    public static readonly AuditSubject Stock = new("SKUs", "inventory.stock");
    public static readonly AuditSubject Movements = new("movements", "inventory.movements");
    public static readonly AuditSubject Reservations = new("reservations", "inventory.reservations");
    public static readonly AuditSubject Orders = new("orders", "ordering.orders");
    public static readonly AuditSubject Lines = new("order lines", "ordering.lines");
    public static readonly AuditSubject History = new("order steps", "ordering.history");
    public static readonly AuditSubject Keys = new("idempotency keys", "ordering.idempotency_keys");
    public static readonly AuditSubject Payments = new("payments", "payments.payments");
    public static readonly AuditSubject Refunds = new("refunds", "payments.refunds");
    public static readonly AuditSubject ProviderEvents = new("provider events", "payments.provider_events");
    public static readonly AuditSubject Charges = new("charges", "simulated_provider.charges") { IsOptional = true };
    public static readonly AuditSubject SaleItems = new("flash sale items", "promotions.flash_sale_items");
    public static readonly AuditSubject Purchases = new("flash sale purchases", "promotions.flash_sale_purchases");
    public static readonly AuditSubject Outbox = new("outbox rows", "messaging.outbox");
    public static readonly AuditSubject DeadLetters = new("dead letters", "messaging.dead_letters");

    /// <summary>Where nothing of it is, its checks have nothing to say: the shop takes its money elsewhere.</summary>
    public bool IsOptional { get; private init; }
}
