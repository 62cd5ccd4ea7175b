using Shop.Domain.Payments;
using Stripe;
using ChargeOutcome = Shop.Domain.Payments.ChargeOutcome;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// Stripe: one PaymentIntent an order, confirmed as it is created. Neither repeats nor time limits here: those are the
/// <see cref="PaymentGateway"/>'s.
/// </summary>
public sealed class StripePaymentProvider : IPaymentProvider, IDisposable
{
    public const string ProviderName = "stripe";

    /// <summary>A token of Stripe's own forms, which this client has no property for: it stands in for a payment method.</summary>
    private const string CardToken = "payment_method_data[card][token]";

    /// <summary>Names are looked up again this often.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly PaymentIntentService _intents;
    private readonly RefundService _refunds;

    public StripePaymentProvider(IOptions<PaymentOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Not one of the shop's clients: those repeat by themselves, and the repeats of payments are counted at the gateway.
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var client = new StripeClient(new StripeClientOptions
        {
            ApiKey = options.Value.Stripe.SecretKey,
            ApiBase = options.Value.Stripe.BaseUrl.TrimEnd('/'),
            HttpClient = new SystemNetHttpClient(_http, maxNetworkRetries: 0, enableTelemetry: false),
        });
        (_intents, _refunds) = (new PaymentIntentService(client), new RefundService(client));
    }

    public string Name => ProviderName;

    /// <summary>
    /// Stripe may forget a key when it is 24 hours old; an hour less, for clocks that differ
    /// (https://docs.stripe.com/api/idempotent_requests).
    /// </summary>
    public TimeSpan KeyLifetime => TimeSpan.FromHours(23);

    public Task<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var charge = new PaymentIntentCreateOptions
        {
            Amount = request.Amount.MinorUnits,
            Currency = request.Amount.Currency.Code.ToLowerInvariant(),
            Confirm = true,
            CaptureMethod = request.Capture ? "automatic" : "manual",
            AllowedPaymentMethodTypes = ["card"],
            // Nobody is there who could confirm the payment at the bank: then it is to fail instead of waiting for that.
            ErrorOnRequiresAction = true,
            Metadata = new() { [PaymentWebhookEvent.OrderIdField] = request.IdempotencyKey },
        };
        if (request.Token.StartsWith("tok_", StringComparison.Ordinal))
        {
            charge.PaymentMethodData = new() { Type = "card" };
            charge.AddExtraParam(CardToken, request.Token);
        }
        else
        {
            charge.PaymentMethod = request.Token;
        }

        return AskAsync(async () =>
        {
            try
            {
                return ToResult(await _intents.CreateAsync(charge, Once(request.IdempotencyKey), cancellationToken));
            }
            catch (StripeException refused) when (refused.HttpStatusCode is HttpStatusCode.PaymentRequired)
            {
                return new ChargeResult(ChargeOutcome.Refused, "", Sentence(refused.StripeError));
            }
            catch (StripeException unknown) when (unknown is
            { HttpStatusCode: HttpStatusCode.BadRequest, StripeError.Param: "payment_method" or CardToken })
            {
                return new ChargeResult(ChargeOutcome.Refused, "", "The card is not known to the payment provider.");
            }
        });
    }

    public Task<ChargeResult> CaptureAsync(string idempotencyKey, string reference, CancellationToken cancellationToken) =>
        AskAsync(async () =>
        {
            try
            {
                return ToResult(await _intents.CaptureAsync(reference, null, Once(idempotencyKey), cancellationToken));
            }
            catch (StripeException failure) when (failure.StripeError?.Code is "payment_intent_unexpected_state")
            {
                // It was captured before, or isn't held any more: its state says which.
                return ToResult(await _intents.GetAsync(reference, cancellationToken: cancellationToken));
            }
        });

    public Task RefundAsync(string idempotencyKey, string reference, CancellationToken cancellationToken) =>
        AskAsync(async () =>
        {
            var intent = await _intents.GetAsync(reference, cancellationToken: cancellationToken);
            if (intent.Status is "canceled" or "requires_payment_method")
                return intent;
            // What was captured is refunded; everything before that is called off, which releases what is held.
            if (intent.Status is not "succeeded")
                return await _intents.CancelAsync(reference, null, Once($"cancel-{idempotencyKey}"), cancellationToken);
            try
            {
                await _refunds.CreateAsync(new RefundCreateOptions { PaymentIntent = reference }, Once(idempotencyKey), cancellationToken);
            }
            catch (StripeException failure) when (failure.StripeError?.Code is "charge_already_refunded")
            {
                // As it should be.
            }

            return intent;
        });

    public Task<ChargeResult?> FindAsync(string idempotencyKey, string? reference, CancellationToken cancellationToken) =>
        AskAsync(async () =>
        {
            if (reference is not null)
                return ToResult(await _intents.GetAsync(reference, cancellationToken: cancellationToken));
            // What is searched is up to a minute behind, in bad times an hour.
            var query = new PaymentIntentSearchOptions { Query = $"metadata['{PaymentWebhookEvent.OrderIdField}']:'{idempotencyKey}'" };
            var found = await _intents.SearchAsync(query, cancellationToken: cancellationToken);
            // One at most, unless a key was forgotten: then the one that has the money counts.
            var intent = found.Data.OrderByDescending(intent => intent.Status is "succeeded" or "requires_capture")
                .ThenByDescending(intent => intent.Created).FirstOrDefault();
            return intent is null ? null : ToResult(intent);
        });

    public void Dispose() => _http.Dispose();

    /// <summary>https://docs.stripe.com/payments/paymentintents/lifecycle</summary>
    private static ChargeResult ToResult(PaymentIntent intent) => intent.Status switch
    {
        "succeeded" => new(ChargeOutcome.Captured, intent.Id),
        "requires_capture" => new(ChargeOutcome.Authorized, intent.Id),
        "processing" => new(ChargeOutcome.Undecided, intent.Id),
        "canceled" => new(ChargeOutcome.Returned, intent.Id, "The payment was cancelled at the payment provider."),
        "requires_action" => new(ChargeOutcome.Refused, intent.Id, StripeRefusal.NeedsCustomer),
        _ => new(ChargeOutcome.Refused, intent.Id, Sentence(intent.LastPaymentError)),
    };

    private static string Sentence(StripeError? error) => StripeRefusal.Sentence(error?.DeclineCode ?? error?.Code);

    private static RequestOptions Once(string idempotencyKey) => new() { IdempotencyKey = idempotencyKey };

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (StripeException failure) when (failure.HttpStatusCode is not 0)
        {
            // An answer that can't be read is not repeated, here or within: it may be long, and nobody knows what is in it.
            var said = failure.StripeError is { } error ? $"{error.Code ?? error.Type} {error.Message}".TrimEnd() : "what can't be read.";
            throw new PaymentProviderException(
                $"The payment provider answered {(int)failure.HttpStatusCode}: {said}", failure.StripeError is null ? null : failure)
            {
                // 409 is another request with the same key in work, 429 too many at once, 5xx its own fault: those pass
                // (https://docs.stripe.com/error-low-level), and so does a success that can't be read. All else is wrong
                // until somebody mends it.
                IsTransient = failure.HttpStatusCode is < HttpStatusCode.BadRequest or >= HttpStatusCode.InternalServerError
                    or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests,
            };
        }
        catch (Exception failure) when (failure is StripeException or HttpRequestException or IOException)
        {
            throw new PaymentProviderException($"The payment provider can't be reached: {failure.Message}", failure);
        }
    }
}

/// <summary>Stripe's refusals as sentences for the customer (https://docs.stripe.com/declines/codes).</summary>
internal static class StripeRefusal
{
    public const string NeedsCustomer =
        "The bank wants the customer to confirm the payment, which can't be done here. Please use another card.";

    /// <param name="code">The decline code of an error, or where it has none, its code.</param>
    public static string Sentence(string? code) => code switch
    {
        "insufficient_funds" => "The card has insufficient funds.",
        "expired_card" => "The card has expired.",
        "incorrect_cvc" or "invalid_cvc" => "The card's security code is wrong.",
        "authentication_required" or "payment_intent_authentication_failure" => NeedsCustomer,
        // Why exactly a stolen or suspicious card is refused is not for its holder to know: all else is just declined.
        _ => "The card was declined.",
    };
}
