using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Domain.Inventory;
using Shop.Domain.Ordering;
using Shop.Domain.Promotions;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Orders decided and written in one transaction of two round trips: the first locks and reads all that the decisions
/// need, the second writes what was accepted and commits. Where nothing was accepted nothing is written at all.
/// </summary>
internal sealed class IntakeBatch(IReadOnlyList<IntakeItem> items, DateTimeOffset now)
{
    /// <summary>What fails a batch with an idempotency key that is taken.</summary>
    public const string KeyConstraint = "idempotency_keys_pkey";

    private readonly List<Acceptance> _accepted = new(items.Count);
    private Dictionary<string, StockLevel> _stock = [];
    private Dictionary<string, CatalogItem> _catalog = [];
    private Dictionary<Guid, IdempotentOrder> _known = [];
    private FlashSaleClaims _sales = new();
    private Dictionary<Guid, Guid> _orderedBaskets = [];
    private long[] _numbers = [];

    /// <summary>After the commit: what is left of the items of running flash sales that anybody asked for.</summary>
    public IReadOnlyCollection<GateLevel> Levels { get; private set; } = [];

    /// <summary>After the commit: the keys of the orders that took something of a running flash sale.</summary>
    public IReadOnlyCollection<SaleKey> SaleKeys { get; private set; } = [];

    /// <summary>After the commit: how many pieces it reserved.</summary>
    public int ReservedPieces { get; private set; }

    /// <returns>What came of each item, in their order.</returns>
    public async Task<IReadOnlyList<IntakeResult>> CommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Disposed without a commit it rolls back, which gives the locks back.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ReadAsync(connection, cancellationToken);
        var results = items.Select(Decide).ToArray();
        if (_accepted.Count > 0)
            await WriteAsync(connection, cancellationToken);
        if (_sales.Running.Count > 0)
            (Levels, SaleKeys) = (LevelsNow(), SaleKeysNow());
        return results;
    }

    private GateLevel[] LevelsNow()
    {
        var changed = _accepted.SelectMany(accepted => accepted.Order.Lines, (_, line) => line.Sku).ToHashSet(StringComparer.Ordinal);
        return [.. _stock.Values.Select(level => _sales.LevelOf(
            level.Sku, level.Version + (changed.Contains(level.Sku) ? 1 : 0), level.Available)).OfType<GateLevel>()];
    }

    private SaleKey[] SaleKeysNow() =>
    [
        .. _accepted.SelectMany(
            accepted => accepted.Order.Lines.Select(line => _sales.Running.GetValueOrDefault(line.Sku)).OfType<RunningItem>(),
            (accepted, running) => new SaleKey(running.SaleId, running.SaleEndsAt, accepted.Item.Request.IdempotencyKey)).Distinct(),
    ];

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var skus = Lines(item => item.Request.Quantities.Keys).Distinct(StringComparer.Ordinal).ToArray();
        await using var batch = connection.CreateBatch();
        // The stock first: who sends the same order to another replica waits here, and then finds its key below.
        Stock.AddLock(batch, skus);
        FlashSaleClaims.AddRunning(batch, skus, now);
        FlashSaleClaims.AddBought(
            batch, [.. Lines(item => item.Request.Quantities.Keys)],
            [.. Lines(item => item.Request.Quantities.Keys.Select(_ => item.Customer))], now);
        IdempotentOrder.AddRead(batch, [.. items.Select(item => item.Request.IdempotencyKey)]);
        batch.Add(CatalogItem.Query, skus);
        batch.Add("SELECT nextval('ordering.order_number') FROM generate_series(1, $1)", items.Count);
        Guid[] baskets = [.. items.Select(item => item.Request.BasketVersion).OfType<Guid>()];
        if (baskets.Length > 0)
            OrderedBaskets.AddRead(batch, baskets);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        _stock = await Stock.ReadLevelsAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        _sales = await FlashSaleClaims.ReadRunningAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await _sales.ReadBoughtAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        _known = await IdempotentOrder.ReadAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        _catalog = await CatalogItem.ReadAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        _numbers = new long[items.Count];
        for (var index = 0; await reader.ReadAsync(cancellationToken); index++)
            _numbers[index] = reader.GetInt64(0);
        if (baskets.Length > 0 && await reader.NextResultAsync(cancellationToken))
            _orderedBaskets = await OrderedBaskets.ReadAsync(reader, cancellationToken);
    }

    /// <summary>All its lines or none; what one order takes, the next one doesn't find any more.</summary>
    private IntakeResult Decide(IntakeItem item)
    {
        var request = item.Request;
        if (_known.TryGetValue(request.IdempotencyKey, out var known))
            return known.Answer(request.Hash);
        if (request.BasketVersion is { } version && _orderedBaskets.TryGetValue(version, out var first))
            return new IntakeResult.BasketOrdered(first);
        if (Refusal(request, item.Customer) is { } refusal)
            return refusal;

        var order = Order.Place(
            Guid.CreateVersion7(now), request.Email, request.ShippingAddress, request.PaymentMethod,
            _catalog[request.Quantities.First().Key].Price.Currency, [.. request.Quantities.Select(line => ToLine(line.Key, line.Value))],
            now);
        if (request.ExpectedTotal is { } expected
            && (order.Total.Currency != expected.Currency || order.Total.MinorUnits > expected.MinorUnits))
            return new IntakeResult.PriceChanged(order.Total, order.Lines);
        foreach (var (sku, quantity) in request.Quantities)
        {
            _stock[sku] = _stock[sku].Reserve(quantity);
            ReservedPieces += quantity;
            _sales.Take(sku, item.Customer, quantity, order.Id);
        }

        var number = _numbers[_accepted.Count];
        _accepted.Add(new Acceptance(item, order, number));
        if (request.BasketVersion is { } basket)
            _orderedBaskets[basket] = order.Id;
        return new IntakeResult.Accepted(order.Id, number, order.Total, Replayed: false);
    }

    private IntakeResult? Refusal(OrderRequest request, string customer)
    {
        List<string>? unknown = null, soldOut = null, overLimit = null;
        foreach (var (sku, quantity) in request.Quantities)
        {
            var verdict = _sales.Check(sku, customer, quantity);
            if (!_catalog.ContainsKey(sku))
                (unknown ??= []).Add(sku);
            else if (verdict is SaleVerdict.SoldOut || !_stock.TryGetValue(sku, out var level) || !level.CanReserve(quantity))
                (soldOut ??= []).Add(sku);
            else if (verdict is SaleVerdict.OverLimit)
                (overLimit ??= []).Add(sku);
        }

        return unknown is not null ? new IntakeResult.UnknownSkus(unknown)
            : soldOut is not null ? new IntakeResult.SoldOut(soldOut)
            : overLimit is not null ? new IntakeResult.OverLimit(overLimit)
            : null;
    }

    private OrderLine ToLine(string sku, int quantity)
    {
        var item = _catalog[sku];
        return (_sales.PriceOf(sku) is { } price ? item with { Price = price } : item).ToLine(quantity);
    }

    private async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        Stock.AddReservations(
            batch, [.. _accepted.SelectMany(accepted => accepted.Order.Lines.Select(line => (accepted.Order.Id, line.Sku, line.Quantity)))],
            now, now + Stock.ReservationTime);
        _sales.AddWrite(batch);
        AddOrders(batch);
        AddLines(batch);
        AddHistory(batch);
        Outbox.AddRange(batch, [.. _accepted.Select(accepted => accepted.ToMessage(now))]);
        AddKeys(batch);
        var baskets = _accepted.Where(accepted => accepted.Item.Request.BasketVersion is not null).ToArray();
        if (baskets.Length > 0)
        {
            OrderedBaskets.AddClaims(
                batch, Array.ConvertAll(baskets, accepted => accepted.Item.Request.BasketVersion!.Value),
                Array.ConvertAll(baskets, accepted => accepted.Order.Id), now);
        }

        batch.Add("COMMIT");
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private void AddOrders(NpgsqlBatch batch) => batch.Add("""
        INSERT INTO ordering.orders (id, number, status, payment_status, email, ship_name, ship_line1, ship_line2, ship_city,
            ship_postal, ship_country, payment_method, total_minor, currency, placed_at)
        SELECT id, number, $3, $4, email, name, line1, line2, city, postal, country, method, total, currency, $5
        FROM unnest($1::uuid[], $2::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
            $13::text[], $14::bigint[], $15::text[])
            AS accepted (id, number, email, name, line1, line2, city, postal, country, method, total, currency)
        """,
        Column(accepted => accepted.Order.Id), Column(accepted => accepted.Number), nameof(OrderStatus.Processing),
        nameof(OrderPaymentStatus.Pending), now,
        Column(accepted => accepted.Order.Email), Column(accepted => accepted.Order.ShippingAddress.Name),
        Column(accepted => accepted.Order.ShippingAddress.Line1), Column(accepted => accepted.Order.ShippingAddress.Line2),
        Column(accepted => accepted.Order.ShippingAddress.City), Column(accepted => accepted.Order.ShippingAddress.PostalCode),
        Column(accepted => accepted.Order.ShippingAddress.Country), Column(accepted => accepted.Order.PaymentMethod),
        Column(accepted => accepted.Order.Total.MinorUnits), Column(accepted => accepted.Order.Total.Currency.Code));

    private void AddLines(NpgsqlBatch batch)
    {
        var lines = _accepted.SelectMany(
            accepted => accepted.Order.Lines.Select((line, index) => (accepted.Order.Id, Position: index + 1, Line: line))).ToArray();
        batch.Add("""
            INSERT INTO ordering.lines (order_id, position, sku, product_slug, name, variant, image_url, unit_price_minor, quantity)
            SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::int[])
            """,
            Array.ConvertAll(lines, line => line.Id), Array.ConvertAll(lines, line => line.Position),
            Array.ConvertAll(lines, line => line.Line.Sku),
            Array.ConvertAll(lines, line => line.Line.ProductSlug), Array.ConvertAll(lines, line => line.Line.Name),
            Array.ConvertAll(lines, line => line.Line.Variant), Array.ConvertAll(lines, line => line.Line.ImageUrl),
            Array.ConvertAll(lines, line => line.Line.UnitPriceMinor), Array.ConvertAll(lines, line => line.Line.Quantity));
    }

    private void AddHistory(NpgsqlBatch batch) => batch.Add(
        "INSERT INTO ordering.history (order_id, status, at, cause) SELECT id, $2, $3, $4 FROM unnest($1::uuid[]) AS accepted (id)",
        Column(accepted => accepted.Order.Id), nameof(OrderStatus.Processing), now, _accepted[0].Order.History[0].Cause);

    /// <summary>
    /// In order, so that two batches with the same keys can't wait for each other; a key that is taken fails the batch, which is then
    /// decided again.
    /// </summary>
    private void AddKeys(NpgsqlBatch batch) => batch.Add("""
        INSERT INTO ordering.idempotency_keys (key, request_hash, order_id, created_at)
        SELECT key, hash, id, $4 FROM unnest($1::uuid[], $2::bytea[], $3::uuid[]) AS claimed (key, hash, id) ORDER BY key
        """,
        Column(accepted => accepted.Item.Request.IdempotencyKey), Column(accepted => accepted.Item.Request.Hash),
        Column(accepted => accepted.Order.Id), now);

    private T[] Column<T>(Func<Acceptance, T> value) => [.. _accepted.Select(value)];

    private IEnumerable<T> Lines<T>(Func<IntakeItem, IEnumerable<T>> lines) => items.SelectMany(lines);

    private sealed record Acceptance(IntakeItem Item, Order Order, long Number)
    {
        public OutboxMessage ToMessage(DateTimeOffset now) => OutboxMessage.Of(
            new OrderPlaced(
                Order.Id, Number, new Contracts.Money(Order.Total.MinorUnits, Order.Total.Currency.Code), Order.PaymentMethod,
                Item.Request.PaymentToken),
            now, Item.TraceParent);
    }
}

/// <summary>An order on its way into a batch.</summary>
/// <param name="TraceParent">The request's place in its trace (W3C Trace Context), which the order's events go on with.</param>
internal sealed record IntakeItem(OrderRequest Request, string? TraceParent)
{
    /// <summary>Whom a flash sale's limit counts together.</summary>
    public string Customer { get; } = FlashSale.CustomerOf(Request.Email);
}

/// <summary>An order that was accepted under an idempotency key.</summary>
/// <param name="Hash">Of what was sent then.</param>
internal sealed record IdempotentOrder(byte[] Hash, IntakeResult.Accepted Accepted)
{
    /// <summary>What the same key is answered with now.</summary>
    public IntakeResult Answer(ReadOnlySpan<byte> hash) => hash.SequenceEqual(Hash) ? Accepted : new IntakeResult.KeyReused();

    public static void AddRead(NpgsqlBatch batch, Guid[] keys) => batch.Add("""
        SELECT k.key, k.request_hash, k.order_id, o.number, o.total_minor, o.currency
        FROM ordering.idempotency_keys k JOIN ordering.orders o ON o.id = k.order_id WHERE k.key = ANY ($1)
        """, keys);

    public static async Task<Dictionary<Guid, IdempotentOrder>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var known = new Dictionary<Guid, IdempotentOrder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var total = new Money(reader.GetInt64(4), new Currency(reader.GetString(5)));
            known.Add(reader.GetGuid(0), new IdempotentOrder(
                reader.GetFieldValue<byte[]>(1), new IntakeResult.Accepted(reader.GetGuid(2), reader.GetInt64(3), total, Replayed: true)));
        }

        return known;
    }
}
