using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// Stripe, over its public REST API (https://docs.stripe.com/api): one PaymentIntent an order, confirmed as it is created.
/// Neither repeats nor time limits here: those are the <see cref="PaymentDesk"/>'s.
/// </summary>
public sealed class StripePaymentProvider : IPaymentProvider, IDisposable
{
    public const string ProviderName = "stripe";

    /// <summary>The version whose fields and states are read here; an account's own default may be any other.</summary>
    private const string ApiVersion = "2024-06-20";

    /// <summary>Names are looked up again this often.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;

    public StripePaymentProvider(IOptions<PaymentOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Not one of the shop's clients: those repeat by themselves, and the repeats of payments are counted at the desk.
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime })
        {
            BaseAddress = new Uri(options.Value.Stripe.BaseUrl),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.Stripe.SecretKey);
        _http.DefaultRequestHeaders.Add("Stripe-Version", ApiVersion);
    }

    public string Name => ProviderName;

    /// <summary>Stripe may forget a key when it is 24 hours old; an hour less, for clocks that differ (https://docs.stripe.com/api/idempotent_requests).</summary>
    public TimeSpan KeyLifetime => TimeSpan.FromHours(23);

    public async Task<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var form = new Dictionary<string, string>
        {
            ["amount"] = request.Amount.MinorUnits.ToString(CultureInfo.InvariantCulture),
            ["currency"] = request.Amount.Currency.Code.ToLowerInvariant(),
            ["confirm"] = "true",
            ["capture_method"] = request.Capture ? "automatic" : "manual",
            ["payment_method_types[0]"] = "card",
            // Nobody is there who could confirm the payment at the bank: then it is to fail instead of waiting for that.
            ["error_on_requires_action"] = "true",
            [$"metadata[{ProviderNews.OrderIdField}]"] = request.IdempotencyKey,
        };
        if (request.Token.StartsWith("tok_", StringComparison.Ordinal))
            (form["payment_method_data[type]"], form["payment_method_data[card][token]"]) = ("card", request.Token);
        else
            form["payment_method"] = request.Token;

        using var response = await SendAsync(HttpMethod.Post, "/v1/payment_intents", cancellationToken, form, request.IdempotencyKey);
        if (response.IsSuccessStatusCode)
            return ToResult(await ReadAsync(response, StripeJson.Default.StripePaymentIntent, cancellationToken));
        var error = await ReadErrorAsync(response, cancellationToken);
        return (response.StatusCode, error.Param) switch
        {
            (HttpStatusCode.PaymentRequired, _) => new ChargeResult(ChargeOutcome.Refused, "", StripeRefusal.Sentence(error)),
            (HttpStatusCode.BadRequest, "payment_method" or "payment_method_data[card][token]") =>
                new ChargeResult(ChargeOutcome.Refused, "", "The card is not known to the payment provider."),
            _ => throw Failure(response, error),
        };
    }

    public async Task<ChargeResult> CaptureAsync(string idempotencyKey, string reference, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, $"/v1/payment_intents/{Escape(reference)}/capture", cancellationToken, [], idempotencyKey);
        if (response.IsSuccessStatusCode)
            return ToResult(await ReadAsync(response, StripeJson.Default.StripePaymentIntent, cancellationToken));
        var error = await ReadErrorAsync(response, cancellationToken);
        // It was captured before, or isn't held any more: its state says which.
        return error.Code is "payment_intent_unexpected_state"
            ? ToResult(await RetrieveAsync(reference, cancellationToken))
            : throw Failure(response, error);
    }

    public async Task RefundAsync(string idempotencyKey, string reference, CancellationToken cancellationToken)
    {
        var intent = await RetrieveAsync(reference, cancellationToken);
        if (intent.Status is "canceled" or "requires_payment_method")
            return;
        // What was captured is refunded; everything before that is called off, which releases what is held.
        using var response = intent.Status is "succeeded"
            ? await SendAsync(HttpMethod.Post, "/v1/refunds", cancellationToken, new() { ["payment_intent"] = reference }, idempotencyKey)
            : await SendAsync(HttpMethod.Post, $"/v1/payment_intents/{Escape(reference)}/cancel", cancellationToken, [], $"cancel-{idempotencyKey}");
        if (response.IsSuccessStatusCode)
            return;
        var error = await ReadErrorAsync(response, cancellationToken);
        if (error.Code is not "charge_already_refunded")
            throw Failure(response, error);
    }

    public async Task<ChargeResult?> FindAsync(string idempotencyKey, string? reference, CancellationToken cancellationToken)
    {
        if (reference is not null)
            return ToResult(await RetrieveAsync(reference, cancellationToken));
        // What is searched is up to a minute behind, in bad times an hour.
        var query = Uri.EscapeDataString($"metadata['{ProviderNews.OrderIdField}']:'{idempotencyKey}'");
        using var response = await SendAsync(HttpMethod.Get, $"/v1/payment_intents/search?query={query}", cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw Failure(response, await ReadErrorAsync(response, cancellationToken));
        var found = (await ReadAsync(response, StripeJson.Default.StripeSearchResult, cancellationToken)).Data;
        // One at most, unless a key was forgotten: then the one that has the money counts.
        var intent = found.OrderByDescending(intent => intent.Status is "succeeded" or "requires_capture").ThenByDescending(intent => intent.Created).FirstOrDefault();
        return intent is null ? null : ToResult(intent);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>https://docs.stripe.com/payments/paymentintents/lifecycle</summary>
    private static ChargeResult ToResult(StripePaymentIntent intent) => intent.Status switch
    {
        "succeeded" => new(ChargeOutcome.Captured, intent.Id),
        "requires_capture" => new(ChargeOutcome.Authorized, intent.Id),
        "processing" => new(ChargeOutcome.Undecided, intent.Id),
        "canceled" => new(ChargeOutcome.Returned, intent.Id, "The payment was cancelled at the payment provider."),
        "requires_action" => new(ChargeOutcome.Refused, intent.Id, StripeRefusal.NeedsCustomer),
        _ => new(ChargeOutcome.Refused, intent.Id, StripeRefusal.Sentence(intent.LastPaymentError)),
    };

    private async Task<StripePaymentIntent> RetrieveAsync(string reference, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, $"/v1/payment_intents/{Escape(reference)}", cancellationToken);
        return response.IsSuccessStatusCode
            ? await ReadAsync(response, StripeJson.Default.StripePaymentIntent, cancellationToken)
            : throw Failure(response, await ReadErrorAsync(response, cancellationToken));
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, CancellationToken cancellationToken, Dictionary<string, string>? form = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (form is not null)
            request.Content = new FormUrlEncodedContent(form);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        try
        {
            return await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new PaymentProviderException($"The payment provider can't be reached: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// 409 is another request with the same key in work, 429 too many at once, 5xx its own fault: those pass
    /// (https://docs.stripe.com/error-low-level). All else is wrong until somebody mends it.
    /// </summary>
    private static PaymentProviderException Failure(HttpResponseMessage response, StripeError error) =>
        new($"The payment provider answered {(int)response.StatusCode}: {error.Code ?? error.Type} {error.Message}".TrimEnd())
        {
            IsPassing = response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        };

    private static async Task<StripeError> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return (await response.Content.ReadFromJsonAsync(StripeJson.Default.StripeFailure, cancellationToken))?.Error ?? new(null, null, null, null, null);
        }
        catch (Exception unreadable) when (unreadable is JsonException or HttpRequestException or IOException)
        {
            // What stands in front of a broken server doesn't speak JSON; the status says enough.
            return new(null, null, null, unreadable.Message, null);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new PaymentProviderException("The payment provider's answer is empty.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or HttpRequestException or IOException)
        {
            throw new PaymentProviderException($"The payment provider's answer can't be read: {unreadable.Message}", unreadable);
        }
    }

    private static string Escape(string reference) => Uri.EscapeDataString(reference);
}
