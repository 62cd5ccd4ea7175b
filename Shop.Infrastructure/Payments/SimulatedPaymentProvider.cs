using Microsoft.Extensions.DependencyInjection;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// A payment company to try the shop with. It behaves as its test cards say and keeps books of its own,
/// outside the shop's transactions: what it has charged stays charged, whatever becomes of the one who asked.
/// </summary>
public sealed class SimulatedPaymentProvider : IPaymentProvider, IAsyncDisposable
{
    public const string ProviderName = "simulated";

    private const string ReferencePrefix = "sim_";

    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Charges that arrive together are written down together: a company that takes thousands a second can't commit them one by one either.
    /// </summary>
    private static readonly GroupCommitOptions TogetherOptions = new(Capacity: 20_000, MaxBatch: 500, Writers: 2);

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly TimeSpan _latency;
    private readonly GroupCommit<ChargeRequest, Page> _books;

    public SimulatedPaymentProvider(
        [FromKeyedServices(HotPath.Name)] NpgsqlDataSource database, IOptions<PaymentOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_database, _time, _latency) = (database, time, options.Value.Simulated.Latency);
        // The same key twice can't be in one statement, so the second waits for the first one's answer.
        _books = new(TogetherOptions, WriteAsync, request => request.IdempotencyKey);
    }

    public string Name => ProviderName;

    /// <summary>Its books are never thrown away.</summary>
    public TimeSpan KeyLifetime => TimeSpan.MaxValue;

    public async Task<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        // Once it is written the money is taken, whether or not anybody hears the answer.
        var page = await _books.AddAsync(request, cancellationToken);
        await Task.Delay(_latency, _time, cancellationToken);
        if (page.Amount != (request.Amount.MinorUnits, request.Amount.Currency.Code))
            throw new PaymentProviderException(
                "The payment provider was asked for another amount with this key before.")
            { IsTransient = false };
        switch (request.Token)
        {
            case "tok_slow" when page.TimesAsked == 1:
                await Task.Delay(SlowAnswer, _time, cancellationToken);
                break;
            case "tok_timeout" when page.TimesAsked == 1:
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
                break;
            case "tok_error_once" when page.TimesAsked == 1:
                throw new PaymentProviderException("The payment provider answered 500.");
        }

        return page.ToResult(request.IdempotencyKey);
    }

    public async Task<ChargeResult> CaptureAsync(string idempotencyKey, string reference, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var capture = connection.Sql("""
            UPDATE simulated_provider.charges SET captured_at = coalesce(captured_at, $2)
            WHERE idempotency_key = $1 AND accepted AND refunded_at IS NULL
            """, KeyOf(reference), _time.GetUtcNow());
        return await capture.ExecuteNonQueryAsync(cancellationToken) == 1
            ? new ChargeResult(ChargeOutcome.Captured, reference)
            : new ChargeResult(ChargeOutcome.Returned, reference, "The payment isn't held any more.");
    }

    public async Task RefundAsync(string idempotencyKey, string reference, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var refund = connection.Sql("""
            UPDATE simulated_provider.charges
            SET refund_key = coalesce(refund_key, $2), refunded_at = coalesce(refunded_at, $3)
            WHERE idempotency_key = $1 AND accepted
            """, KeyOf(reference), idempotencyKey, _time.GetUtcNow());
        if (await refund.ExecuteNonQueryAsync(cancellationToken) == 0)
            throw new PaymentProviderException($"The payment provider knows no charge {reference}.") { IsTransient = false };
    }

    public async Task<ChargeResult?> FindAsync(string idempotencyKey, string? reference, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var find = connection.Sql("""
            SELECT times_asked, amount_minor, currency, accepted, reason, captured_at IS NOT NULL, refunded_at IS NOT NULL
            FROM simulated_provider.charges WHERE idempotency_key = $1 AND accepted IS NOT NULL
            """, idempotencyKey);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReadPage(reader).ToResult(idempotencyKey) : null;
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    /// <summary>
    /// Writes down that these charges were asked for, and executes those that weren't before: one statement, committed by
    /// itself. What a row says already stays; <c>tok_error_once</c> fails before it is executed, so the next one does it.
    /// </summary>
    private async Task<IReadOnlyList<Page>> WriteAsync(IReadOnlyList<ChargeRequest> requests, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        // In the order of the keys, so that two batches with the same ones can't wait for each other.
        var charges = requests.OrderBy(request => request.IdempotencyKey, StringComparer.Ordinal).ToArray();
        await using var write = connection.Sql(
            """
            INSERT INTO simulated_provider.charges AS charge
                (idempotency_key, amount_minor, currency, times_asked, accepted, reason, charged_at, captured_at, times_charged)
            SELECT asked.key, asked.amount, asked.currency, 1,
                CASE WHEN asked.executed THEN asked.reason = '' END, asked.reason,
                CASE WHEN asked.executed THEN $7 END,
                CASE WHEN asked.executed AND asked.captured AND asked.reason = '' THEN $7 END,
                (asked.executed AND asked.reason = '')::int
            FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::boolean[])
                AS asked (key, amount, currency, reason, executed, captured)
            ON CONFLICT (idempotency_key) DO UPDATE SET
                times_asked = charge.times_asked + 1,
                accepted = coalesce(charge.accepted, excluded.reason = ''),
                charged_at = coalesce(charge.charged_at, $7),
                captured_at = CASE WHEN charge.accepted IS NULL AND excluded.reason = ''
                    AND charge.idempotency_key = ANY ($8) THEN $7 ELSE charge.captured_at END,
                times_charged = charge.times_charged + (charge.accepted IS NULL AND excluded.reason = '')::int
            RETURNING times_asked, amount_minor, currency, accepted, reason, captured_at IS NOT NULL, refunded_at IS NOT NULL,
                idempotency_key
            """,
            charges.Select(charge => charge.IdempotencyKey).ToArray(),
            charges.Select(charge => charge.Amount.MinorUnits).ToArray(),
            charges.Select(charge => charge.Amount.Currency.Code).ToArray(),
            charges.Select(charge => Refusal(charge.Token)).ToArray(),
            charges.Select(charge => charge.Token != "tok_error_once").ToArray(),
            charges.Select(charge => charge.Capture).ToArray(),
            _time.GetUtcNow(),
            charges.Where(charge => charge.Capture).Select(charge => charge.IdempotencyKey).ToArray());
        await using var reader = await write.ExecuteReaderAsync(cancellationToken);
        var pages = new Dictionary<string, Page>(requests.Count, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            pages.Add(reader.GetString(7), ReadPage(reader));
        return [.. requests.Select(request => pages[request.IdempotencyKey])];
    }

    /// <returns>Empty when the card is good.</returns>
    private static string Refusal(string token) => token switch
    {
        "tok_declined" => "The card was declined.",
        "tok_insufficient_funds" => "The card has insufficient funds.",
        "tok_visa" or "tok_slow" or "tok_timeout" or "tok_error_once" => "",
        _ => "The card is not known to the payment provider.",
    };

    private static string KeyOf(string reference) =>
        reference.StartsWith(ReferencePrefix, StringComparison.Ordinal)
            ? reference[ReferencePrefix.Length..]
            : throw new PaymentProviderException($"The payment provider knows no charge {reference}.") { IsTransient = false };

    private static Page ReadPage(NpgsqlDataReader reader) => new(
        reader.GetInt32(0), (reader.GetInt64(1), reader.GetString(2)), !reader.IsDBNull(3) && reader.GetBoolean(3),
        reader.IsDBNull(4) ? "" : reader.GetString(4), reader.GetBoolean(5), reader.GetBoolean(6));

    /// <summary>What the books say of a charge.</summary>
    private sealed record Page(
        int TimesAsked, (long MinorUnits, string Currency) Amount, bool IsAccepted, string Reason, bool IsCaptured, bool IsRefunded)
    {
        public ChargeResult ToResult(string key) => this switch
        {
            { IsAccepted: false } => new(ChargeOutcome.Refused, "", Reason),
            { IsRefunded: true } => new(ChargeOutcome.Returned, ReferencePrefix + key, "The payment was given back."),
            { IsCaptured: true } => new(ChargeOutcome.Captured, ReferencePrefix + key),
            _ => new(ChargeOutcome.Authorized, ReferencePrefix + key),
        };
    }
}
