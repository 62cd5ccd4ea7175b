using Shop.Domain;
using Shop.Domain.Promotions;

namespace Shop.Infrastructure.Promotions;

/// <summary>
/// What the running flash sales say to a batch of orders, and what the batch takes of them. It lives within one
/// transaction, whose statements it adds to the caller's round trips: <see cref="AddRunning(NpgsqlBatch, string[], DateTimeOffset)"/> and
/// <see cref="AddBought"/>
/// after the stock rows are locked, <see cref="ReadRunningAsync"/> and <see cref="ReadBoughtAsync"/>, then for each order
/// <see cref="Check"/> all its lines before <see cref="Take"/> takes any, and <see cref="AddWrite"/>.
/// </summary>
/// <remarks>
/// Whoever changes a sale's item holds the stock row of its SKU already; so no two wait for each other here, and the
/// version of the stock row orders the changes of both.
/// </remarks>
public sealed class FlashSaleClaims
{
    /// <summary>$1 SKUs, $2 now. A statement of its own before the purchases are read, so that these are as of the locks.</summary>
    private const string LockRunning = """
        SELECT i.sale_id, i.sku, i.price_minor, i.currency, i.quantity, i.taken, i.limit_per_customer, s.ends_at
        FROM promotions.flash_sales s JOIN promotions.flash_sale_items i ON i.sale_id = s.id
        WHERE s.ends_at > $2 AND s.starts_at <= $2 AND i.sku = ANY ($1)
        ORDER BY i.sku
        FOR UPDATE OF i
        """;

    /// <summary>
    /// $1 and $2 SKU and customer of each line, $3 now. The few running items first: for each pair one look into an index.
    /// </summary>
    private const string SelectBought = """
        WITH running AS MATERIALIZED (
            SELECT i.sale_id, i.sku
            FROM promotions.flash_sales s JOIN promotions.flash_sale_items i ON i.sale_id = s.id
            WHERE s.ends_at > $3 AND s.starts_at <= $3 AND i.sku = ANY ($1)
        ), asked AS (
            SELECT DISTINCT running.sale_id, running.sku, line.customer
            FROM running JOIN unnest($1::text[], $2::text[]) AS line (sku, customer) ON line.sku = running.sku
        )
        SELECT asked.sku, asked.customer, bought.quantity
        FROM asked CROSS JOIN LATERAL (
            SELECT sum(p.quantity)::int AS quantity FROM promotions.flash_sale_purchases p
            WHERE p.sale_id = asked.sale_id AND p.sku = asked.sku AND p.customer = asked.customer AND p.given_back_at IS NULL
        ) AS bought
        WHERE bought.quantity > 0
        """;

    /// <summary>$1 now. Not locked: of those whose stock rows are, nobody else changes anything.</summary>
    private const string SelectRunning = """
        SELECT i.sale_id, i.sku, i.price_minor, i.currency, i.quantity, i.taken, i.limit_per_customer, s.ends_at
        FROM promotions.flash_sales s JOIN promotions.flash_sale_items i ON i.sale_id = s.id
        WHERE s.ends_at > $1 AND s.starts_at <= $1
        """;

    private const string UpdateTaken = """
        UPDATE promotions.flash_sale_items i SET taken = i.taken + claim.quantity
        FROM unnest($1::uuid[], $2::text[], $3::int[]) AS claim (sale_id, sku, quantity)
        WHERE i.sale_id = claim.sale_id AND i.sku = claim.sku
        """;

    private const string InsertPurchases = """
        INSERT INTO promotions.flash_sale_purchases (sale_id, sku, order_id, customer, quantity)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::int[])
        """;

    /// <summary>$1 orders, $2 now. In SKU order, as everywhere.</summary>
    private const string LockGivenBack = """
        SELECT 1 FROM promotions.flash_sale_items i
        WHERE (i.sale_id, i.sku) IN (
            SELECT p.sale_id, p.sku FROM promotions.flash_sale_purchases p WHERE p.order_id = ANY ($1) AND p.given_back_at IS NULL)
        ORDER BY i.sku, i.sale_id
        FOR UPDATE OF i
        """;

    private const string GiveBack = """
        WITH given AS (
            UPDATE promotions.flash_sale_purchases SET given_back_at = $2
            WHERE order_id = ANY ($1) AND given_back_at IS NULL
            RETURNING sale_id, sku, quantity
        ), back AS (
            SELECT sale_id, sku, sum(quantity)::int AS quantity FROM given GROUP BY sale_id, sku
        )
        UPDATE promotions.flash_sale_items i SET taken = i.taken - back.quantity
        FROM back WHERE i.sale_id = back.sale_id AND i.sku = back.sku
        """;

    private readonly Dictionary<string, RunningItem> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Sku, string Customer), int> _bought = [];
    private readonly List<Claim> _claims = [];

    /// <summary>What runs, by SKU, with what this batch has taken so far taken.</summary>
    public IReadOnlyDictionary<string, RunningItem> Running => _running;

    /// <summary>
    /// Adds the statement whose result <see cref="ReadRunningAsync"/> takes: it locks and reads the items that a sale sells
    /// now. To be locked before: the stock rows of the SKUs. When no sale runs it finds nothing and costs next to nothing.
    /// </summary>
    public static void AddRunning(NpgsqlBatch batch, string[] skus, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Add(LockRunning, skus, now);
    }

    /// <summary>
    /// Adds the statement whose result <see cref="ReadRunningAsync"/> takes: all that runs, for whoever doesn't know yet which
    /// SKUs it changes. It holds for those whose stock rows are locked.
    /// </summary>
    public static void AddRunning(NpgsqlBatch batch, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Add(SelectRunning, now);
    }

    /// <summary>Reads the result of <see cref="AddRunning(NpgsqlBatch, string[], DateTimeOffset)"/>, on which the reader stands.</summary>
    public static async Task<FlashSaleClaims> ReadRunningAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var claims = new FlashSaleClaims();
        while (await reader.ReadAsync(cancellationToken))
        {
            var item = new FlashSaleItem(
                reader.GetString(1), new Money(reader.GetInt64(2), new Currency(reader.GetString(3))),
                reader.GetInt32(4), reader.GetInt32(6), reader.GetInt32(5));
            claims._running.Add(item.Sku, new RunningItem(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(7), item));
        }

        return claims;
    }

    /// <summary>
    /// Adds the statement whose result <see cref="ReadBoughtAsync"/> takes: what the customers have of the running sales already. After
    /// <see cref="AddRunning(NpgsqlBatch, string[], DateTimeOffset)"/>, with the same moment.
    /// </summary>
    /// <param name="batch">The round trip it joins.</param>
    /// <param name="skus">The SKU of every line of every order; repetitions are welcome.</param>
    /// <param name="customers">The customer (<see cref="FlashSale.CustomerOf"/>) of the same line.</param>
    /// <param name="now">The moment at which a sale runs or not.</param>
    public static void AddBought(NpgsqlBatch batch, string[] skus, string[] customers, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Add(SelectBought, skus, customers, now);
    }

    /// <summary>Reads the result of <see cref="AddBought"/>, on which the reader stands.</summary>
    public async Task ReadBoughtAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        while (await reader.ReadAsync(cancellationToken))
            _bought.Add((reader.GetString(0), reader.GetString(1)), reader.GetInt32(2));
    }

    /// <summary>
    /// Gives what cancelled orders took back to their sales, running or over; doing it twice does it once. To be locked
    /// before: the orders, then the stock rows of their SKUs. Returns no rows. An
    /// <see cref="AddRunning(NpgsqlBatch, DateTimeOffset)"/> added after it reads what is taken then.
    /// </summary>
    public static void AddGiveBack(NpgsqlBatch batch, Guid[] orderIds, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Add(LockGivenBack, orderIds);
        batch.Add(GiveBack, orderIds, now);
    }

    /// <summary>The sale's price of a SKU; null when none sells it now and the catalogue's counts.</summary>
    public Money? PriceOf(string sku) => _running.TryGetValue(sku, out var running) ? running.Item.Price : null;

    /// <summary>
    /// Whether a customer may have so many pieces, after what the batch has taken so far. A SKU that no sale sells now is allowed: its
    /// stock decides.
    /// </summary>
    /// <param name="sku">The line's SKU.</param>
    /// <param name="customer">As given to <see cref="AddBought"/>.</param>
    /// <param name="quantity">At least 1.</param>
    public SaleVerdict Check(string sku, string customer, int quantity) =>
        _running.TryGetValue(sku, out var running)
            ? running.Item.Allows(quantity, _bought.GetValueOrDefault((sku, customer)))
            : SaleVerdict.Allowed;

    /// <summary>Takes what <see cref="Check"/> allowed; of a SKU that no sale sells now, nothing.</summary>
    /// <exception cref="InvalidOperationException">The sale doesn't allow it.</exception>
    public void Take(string sku, string customer, int quantity, Guid orderId)
    {
        if (!_running.TryGetValue(sku, out var running))
            return;
        if (Check(sku, customer, quantity) is not SaleVerdict.Allowed)
            throw new InvalidOperationException($"The sale doesn't allow {quantity} of {sku} for order {orderId}.");
        _running[sku] = running with { Item = running.Item with { Taken = running.Item.Taken + quantity } };
        _bought[(sku, customer)] = _bought.GetValueOrDefault((sku, customer)) + quantity;
        _claims.Add(new Claim(running.SaleId, sku, orderId, customer, quantity));
    }

    /// <summary>What the gate should know of a SKU; null when no sale sells it now.</summary>
    /// <param name="sku">Its stock row is locked.</param>
    /// <param name="version">Of its stock row, as it will be committed.</param>
    /// <param name="inStock">Pieces that can be sold then, were there no sale.</param>
    public GateLevel? LevelOf(string sku, long version, int inStock) =>
        _running.TryGetValue(sku, out var running)
            ? new GateLevel(running.SaleId, sku, version, Math.Min(inStock, running.Item.Left))
            : null;

    /// <summary>Adds the statements that store what was taken: none when nothing was. They return no rows.</summary>
    public void AddWrite(NpgsqlBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_claims.Count == 0)
            return;
        var taken = _claims.GroupBy(claim => (claim.SaleId, claim.Sku), claim => claim.Quantity).ToArray();
        batch.Add(
            UpdateTaken, taken.Select(item => item.Key.SaleId).ToArray(), taken.Select(item => item.Key.Sku).ToArray(),
            taken.Select(item => item.Sum()).ToArray());
        batch.Add(
            InsertPurchases, _claims.Select(claim => claim.SaleId).ToArray(), _claims.Select(claim => claim.Sku).ToArray(),
            _claims.Select(claim => claim.OrderId).ToArray(), _claims.Select(claim => claim.Customer).ToArray(),
            _claims.Select(claim => claim.Quantity).ToArray());
    }

    private readonly record struct Claim(Guid SaleId, string Sku, Guid OrderId, string Customer, int Quantity);
}

/// <summary>A SKU that a sale sells now.</summary>
/// <param name="SaleEndsAt">From then on it is sold as ever.</param>
public sealed record RunningItem(Guid SaleId, DateTimeOffset SaleEndsAt, FlashSaleItem Item);
