namespace Shop.Worker.Audit;

/// <summary>One thing that must hold over the whole database.</summary>
/// <param name="Name">What a finding is told by, e.g. <c>stock.ledger</c>.</param>
/// <param name="Rule">What must hold, as a sentence.</param>
/// <param name="Subject">What is looked at.</param>
/// <param name="Sql">
/// Selects what breaks the rule, a row a finding: <c>wrong</c> is what is there, <c>should</c> what ought to be, every other column
/// an id that leads to it. <c>$1</c> is the moment up to which everything should have settled: what changed later may be under way.
/// </param>
internal sealed record AuditCheck(string Name, string Rule, AuditSubject Subject, string Sql)
{
    /// <summary>What the statement needs as <c>$2</c>, where it needs something.</summary>
    public SqlValue? Parameter { get; init; }
}

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
