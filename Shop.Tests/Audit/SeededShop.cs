
namespace Shop.Tests.Audit;

/// <summary>
/// A database of its own on a Postgres server, migrated and filled with orders in every state, at rest and without a flaw.
/// Copies of it are made in a blink, to be spoilt one by one.
/// </summary>
internal sealed class SeededShop(RunningServers servers, string connectionString)
{
    /// <summary>
    /// 48 orders, six in each state: processing, confirmed, shipped, delivered, cancelled before it was paid, cancelled since
    /// its payment was refused, cancelled and given back, and returned. Some of them bought a lamp in a flash sale.
    /// </summary>
    private const string Orders = """
        CREATE TEMP TABLE seed AS
        SELECT n, n % 8 AS kind, gen_random_uuid() AS id, now() - interval '1 hour' AS placed_at, 1 + n % 3 AS quantity,
            (ARRAY['Processing', 'Confirmed', 'Shipped', 'Delivered', 'Cancelled', 'Cancelled', 'Cancelled', 'Refunded'])[1 + n % 8]
                AS status,
            (ARRAY['Pending', 'Paid', 'Paid', 'Paid', 'Pending', 'Refused', 'Refunded', 'Refunded'])[1 + n % 8] AS payment_status,
            (ARRAY['Pending', 'Paid', 'Paid', 'Paid', 'Void', 'Refused', 'Refunded', 'Refunded'])[1 + n % 8] AS payment,
            (ARRAY['held', 'sold', 'sold', 'sold', 'released', 'released', 'released', 'returned'])[1 + n % 8] AS reservation
        FROM generate_series(1, 48) AS n;

        INSERT INTO inventory.stock (sku, on_hand) SELECT 'TENT-' || n, 1000000 FROM generate_series(0, 9) AS n
            UNION ALL SELECT 'LAMP', 1000000;
        INSERT INTO inventory.movements (sku, quantity, cause, at) SELECT sku, on_hand, 'import', now() - interval '1 day'
            FROM inventory.stock WHERE on_hand > 0;

        INSERT INTO ordering.orders (id, number, status, payment_status, cancel_reason, email, ship_name, ship_line1, ship_city,
            ship_postal, ship_country,
            payment_method, total_minor, currency, placed_at)
        SELECT id, nextval('ordering.order_number'), status, payment_status, CASE status
            WHEN 'Cancelled' THEN 'Off.' END, 'ada@example.com', 'Ada', 'Way 1', 'Bern', '3000', 'CH',
            'card', quantity * 1000 + CASE WHEN n % 16 IN (1, 4) THEN 500 ELSE 0 END, 'EUR', placed_at
        FROM seed;
        INSERT INTO ordering.idempotency_keys (key, request_hash, order_id, created_at) SELECT gen_random_uuid(), '\x00', id, placed_at
            FROM seed;
        INSERT INTO ordering.lines (order_id, position, sku, product_slug, name, variant, image_url, unit_price_minor, quantity)
        SELECT id, 1, 'TENT-' || n % 10, 'tent', 'Tent', '', '/tent.webp', 1000, quantity FROM seed
        UNION ALL SELECT id, 2, 'LAMP', 'lamp', 'Lamp', '', '/lamp.webp', 500, 1 FROM seed WHERE n % 16 IN (1, 4);
        INSERT INTO ordering.history (order_id, status, at, cause)
        SELECT id, step, placed_at, 'Seeded.'
        FROM seed, unnest(CASE kind
            WHEN 0 THEN ARRAY['Processing'] WHEN 1 THEN ARRAY['Processing', 'Confirmed'] 
            WHEN 2 THEN ARRAY['Processing', 'Confirmed', 'Shipped']
            WHEN 3 THEN ARRAY['Processing', 'Confirmed', 'Shipped', 'Delivered'] WHEN 7 THEN ARRAY['Processing', 'Confirmed', 'Refunded']
            ELSE ARRAY['Processing', 'Cancelled'] END) WITH ORDINALITY AS steps (step, place)
        ORDER BY n, place;

        INSERT INTO inventory.reservations (order_id, sku, quantity, state, created_at, expires_at)
        SELECT order_id, sku, lines.quantity, reservation, placed_at, now() + interval '1 hour'
            FROM ordering.lines JOIN seed ON id = order_id;
        INSERT INTO inventory.movements (sku, quantity, cause, order_id, at)
        SELECT sku, -quantity, 'sale', order_id, created_at FROM inventory.reservations WHERE state IN ('sold', 'returned')
        UNION ALL SELECT sku, quantity, 'return', order_id, created_at FROM inventory.reservations WHERE state = 'returned';
        UPDATE inventory.stock SET
            on_hand = coalesce((SELECT sum(quantity) FROM inventory.movements WHERE movements.sku = stock.sku), 0),
            reserved = coalesce((SELECT sum(quantity) FROM inventory.reservations
                WHERE reservations.sku = stock.sku AND state = 'held'), 0);

        INSERT INTO payments.payments (id, order_id, amount_minor, currency, status, provider_reference, updated_at)
        SELECT gen_random_uuid(), id, CASE payment WHEN 'Void' THEN 0 ELSE total_minor END, 'EUR', payment,
            CASE WHEN payment IN ('Paid', 'Refunded') THEN 'sim_' || replace(id::text, '-', '') END, seed.placed_at
        FROM seed JOIN ordering.orders USING (id);
        INSERT INTO payments.refunds (id, payment_id, key, amount_minor, currency, reason, refunded_at)
        SELECT gen_random_uuid(), id, 'refund-' || order_id, amount_minor, currency, 'Off.', updated_at FROM payments.payments
            WHERE status = 'Refunded';
        INSERT INTO simulated_provider.charges (idempotency_key, amount_minor, currency, times_asked, times_charged, accepted, reason,
            charged_at, captured_at, refund_key, refunded_at)
        SELECT replace(order_id::text, '-', ''), amount_minor, currency, 1, (status <> 'Refused')::int, status <> 'Refused', '', updated_at,
            CASE WHEN status <> 'Refused' THEN updated_at END,
            CASE status WHEN 'Refunded' THEN 'refund' END, CASE status WHEN 'Refunded' THEN updated_at END
        FROM payments.payments WHERE status IN ('Paid', 'Refunded', 'Refused');

        INSERT INTO promotions.flash_sales (id, name, starts_at, ends_at, created_at)
        VALUES ('00000000-0000-0000-0000-000000000001', 'Lamps', now() - interval '2 hours', now() + interval '1 hour',
            now() - interval '3 hours');
        INSERT INTO promotions.flash_sale_purchases (sale_id, sku, order_id, customer, quantity, given_back_at)
        SELECT '00000000-0000-0000-0000-000000000001', sku, order_id, 'customer ' || order_id, lines.quantity, CASE status
            WHEN 'Cancelled' THEN placed_at END
        FROM ordering.lines JOIN seed ON id = order_id WHERE sku = 'LAMP';
        INSERT INTO promotions.flash_sale_items (sale_id, sku, price_minor, currency, quantity, taken, limit_per_customer)
        SELECT '00000000-0000-0000-0000-000000000001', 'LAMP', 500, 'EUR', 1000000, count(*) FILTER (WHERE given_back_at IS NULL), 1
            FROM promotions.flash_sale_purchases;
        DROP TABLE seed;
        """;

    /// <summary>Leads to the database; without a pool, since a database can't be copied while somebody is connected to it.</summary>
    public string ConnectionString => connectionString;

    public static async Task<SeededShop> CreateAsync(RunningServers servers)
    {
        var shop = new SeededShop(servers, await servers.CreateShopDatabaseAsync());
        await shop.RunAsync(Orders);
        return shop;
    }

    public async Task<SeededShop> CopyAsync() => new(servers, await servers.CopyAsync(connectionString));

    public Task RunAsync(string sql) => RunningServers.ExecuteAsync(connectionString, sql);

    public Task DropAsync() => servers.DropAsync(connectionString);

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
