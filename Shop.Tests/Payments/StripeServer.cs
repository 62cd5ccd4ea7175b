using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Shop.Tests.Payments;

/// <summary>
/// A real server on a free port of 127.0.0.1 that speaks as much of Stripe's API as the shop uses: form bodies with bracketed
/// names, secret keys, idempotency keys with their replays and conflicts, the states of a payment intent, search, refunds,
/// signed events. What it doesn't know it refuses, as Stripe does (https://docs.stripe.com/api).
/// </summary>
internal sealed class StripeServer : IAsyncDisposable
{
    public const string SecretKey = "sk_test_of_the_shop";
    public const string WebhookSecret = "whsec_of_the_shop";

    private static readonly string[] CreateParameters =
    [
        "amount", "currency", "confirm", "capture_method", "payment_method", "allowed_payment_method_types[0]", "error_on_requires_action",
        "metadata[order_id]", "payment_method_data[type]", "payment_method_data[card][token]",
    ];

    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _intents = [];
    private readonly Dictionary<string, (string Request, int Status, string Body)> _answers = [];
    private readonly HashSet<string> _inWork = [];
    private readonly List<JsonObject> _events = [];
    private readonly ConcurrentQueue<int> _failures = new();
    private int _requests;
    private int _silences;

    private StripeServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>While set, every request fails with this status before anything is done.</summary>
    public int? Outage { get; set; }

    /// <summary>While set, new payment intents aren't found by search yet.</summary>
    public bool IsSearchBehind { get; set; }

    public static async Task<StripeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new StripeServer(builder.Build());
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>The next request fails with this status before anything is done.</summary>
    public void FailOnce(int status) => _failures.Enqueue(status);

    /// <summary>The next request is executed, but nobody hears its answer.</summary>
    public void SwallowAnswerOnce() => Interlocked.Increment(ref _silences);

    /// <summary>The payment intents of an order.</summary>
    public IReadOnlyList<JsonObject> IntentsOf(Guid orderId)
    {
        lock (_lock)
            return [.. _intents.Values.Where(intent => (string?)intent["metadata"]!["order_id"] == orderId.ToString("N"))];
    }

    /// <summary>What it has to tell of an order so far, each with its signature.</summary>
    public IReadOnlyList<(string Type, byte[] Body, string Signature)> EventsOf(Guid orderId)
    {
        lock (_lock)
        {
            return
            [
                .. _events.Where(told => (string?)told["data"]!["object"]!["metadata"]!["order_id"] == orderId.ToString("N"))
                    .Select(told => (Type: (string)told["type"]!, Body: Encoding.UTF8.GetBytes(told.ToJsonString())))
                    .Select(told => (told.Type, told.Body, Sign(told.Body, WebhookSecret, DateTimeOffset.UtcNow))),
            ];
        }
    }

    /// <summary>The header of an event that is sent at this moment.</summary>
    public static string Sign(byte[] body, string secret, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{seconds}."), .. body];
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        return $"t={seconds},v1={Convert.ToHexStringLower(signature)},v0=not-for-use";
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var form = context.Request.HasFormContentType
            ? (await context.Request.ReadFormAsync(context.RequestAborted))
                .ToDictionary(field => field.Key, field => field.Value.ToString())
            : [];
        var (status, body) = Answer(context.Request, form);
        if (Interlocked.CompareExchange(ref _silences, 0, 1) == 1)
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private (int Status, string Body) Answer(HttpRequest request, Dictionary<string, string> form)
    {
        if (Outage is { } outage || _failures.TryDequeue(out outage))
            return Error(outage, "api_error", null, "Something went wrong.");
        if (request.Headers.Authorization != $"Bearer {SecretKey}")
            return Error(401, "invalid_request_error", null, "Invalid API Key provided.");
        if (!request.Headers.ContainsKey("Stripe-Version"))
            return Error(400, "invalid_request_error", null, "This test wants to see a version.");
        if (!HttpMethods.IsPost(request.Method))
            return Execute(request, form);

        var key = request.Headers["Idempotency-Key"].ToString();
        var fingerprint = $"{request.Path} {string.Join('&', form.OrderBy(field => field.Key, StringComparer.Ordinal))}";
        lock (_lock)
        {
            if (_answers.TryGetValue(key, out var before))
            {
                return before.Request == fingerprint
                    ? (before.Status, before.Body)
                    : Error(400, "idempotency_error", null,
                        "Keys for idempotent requests can only be used with the same parameters they were first used with.");
            }

            if (!_inWork.Add(key))
                return Error(
                    409, "idempotency_error", "idempotency_key_in_use",
                    "There is currently another in-progress request using this Idempotent Key.");
        }

        var answer = Execute(request, form);
        lock (_lock)
        {
            _inWork.Remove(key);
            // What fails validation isn't stored: nothing was begun.
            if (answer.Status is not 400)
                _answers.Add(key, (fingerprint, answer.Status, answer.Body));
        }

        return answer;
    }

    private (int Status, string Body) Execute(HttpRequest request, Dictionary<string, string> form)
    {
        lock (_lock)
        {
            return (request.Method, request.Path.Value!.Split('/')) switch
            {
                ("POST", [_, "v1", "payment_intents"]) => Create(form),
                ("GET", [_, "v1", "payment_intents", "search"]) => Search(request.Query["query"].ToString()),
                ("GET", [_, "v1", "payment_intents", var id]) => On(id, intent => (200, intent.ToJsonString())),
                ("POST", [_, "v1", "payment_intents", var id, "capture"]) => On(id, Capture),
                ("POST", [_, "v1", "payment_intents", var id, "cancel"]) => On(id, Cancel),
                ("POST", [_, "v1", "refunds"]) => On(form.GetValueOrDefault("payment_intent", ""), Refund),
                _ => Error(404, "invalid_request_error", null, $"Unrecognized request URL ({request.Method}: {request.Path})."),
            };
        }
    }

    private (int Status, string Body) Create(Dictionary<string, string> form)
    {
        if (form.Keys.Except(CreateParameters).FirstOrDefault() is { } unknown)
            return Error(400, "invalid_request_error", "parameter_unknown", $"Received unknown parameter: {unknown}", unknown);
        if (!long.TryParse(form.GetValueOrDefault("amount"), NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            || amount == 0)
            return Error(400, "invalid_request_error", "parameter_invalid_integer", "Invalid integer.", "amount");
        if (form.GetValueOrDefault("currency") is not "eur")
            return Error(400, "invalid_request_error", null, "Invalid currency.", "currency");
        var card = form.GetValueOrDefault("payment_method") ?? form.GetValueOrDefault("payment_method_data[card][token]");
        var intent = new JsonObject
        {
            ["id"] = $"pi_{_intents.Count + 1}_{Guid.NewGuid():N}",
            ["object"] = "payment_intent",
            ["amount"] = amount,
            ["currency"] = "eur",
            ["capture_method"] = form["capture_method"],
            ["created"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["metadata"] = new JsonObject { ["order_id"] = form["metadata[order_id]"] },
            ["last_payment_error"] = null,
        };
        var (code, declineCode) = card switch
        {
            "tok_visa" or "pm_card_visa" or "pm_card_slow_bank" => (null, null),
            "pm_card_visa_chargeDeclined" => ("card_declined", "generic_decline"),
            "pm_card_visa_chargeDeclinedInsufficientFunds" => ("card_declined", "insufficient_funds"),
            "pm_card_authenticationRequired" => ("authentication_required", null),
            _ => ("resource_missing", (string?)null),
        };
        if (code is "resource_missing")
            return Error(400, "invalid_request_error", code, $"No such PaymentMethod: '{card}'", "payment_method");

        _intents.Add((string)intent["id"]!, intent);
        if (code is not null)
        {
            intent["status"] = "requires_payment_method";
            var error = new JsonObject
            {
                ["type"] = "card_error",
                ["code"] = code,
                ["decline_code"] = declineCode,
                ["message"] = "Your card was declined."
            };
            intent["last_payment_error"] = error;
            Tell("payment_intent.payment_failed", intent);
            var shown = (JsonObject)error.DeepClone();
            shown["payment_intent"] = intent.DeepClone();
            return (402, new JsonObject { ["error"] = shown }.ToJsonString());
        }

        if (card is "pm_card_slow_bank")
        {
            intent["status"] = "processing";
        }
        else
        {
            intent["status"] = form["capture_method"] == "manual" ? "requires_capture" : "succeeded";
            Tell(form["capture_method"] == "manual" ? "payment_intent.amount_capturable_updated" : "payment_intent.succeeded", intent);
        }

        return (200, intent.ToJsonString());
    }

    /// <summary>The bank has decided about a payment that was processing.</summary>
    public void Decide(Guid orderId)
    {
        lock (_lock)
        {
            var intent = IntentsOf(orderId).Single(intent => (string?)intent["status"] == "processing");
            intent["status"] = "succeeded";
            Tell("payment_intent.succeeded", intent);
        }
    }

    private (int Status, string Body) Capture(JsonObject intent)
    {
        if ((string?)intent["status"] != "requires_capture")
            return UnexpectedState(intent);
        intent["status"] = "succeeded";
        Tell("payment_intent.succeeded", intent);
        return (200, intent.ToJsonString());
    }

    private (int Status, string Body) Cancel(JsonObject intent)
    {
        if ((string?)intent["status"] is "succeeded" or "canceled" or "processing")
            return UnexpectedState(intent);
        intent["status"] = "canceled";
        Tell("payment_intent.canceled", intent);
        return (200, intent.ToJsonString());
    }

    private (int Status, string Body) Refund(JsonObject intent)
    {
        if ((string?)intent["status"] != "succeeded")
            return UnexpectedState(intent);
        if (intent["latest_charge"] is not null)
            return Error(400, "invalid_request_error", "charge_already_refunded", "Charge has already been refunded.");
        intent["latest_charge"] = $"ch_{Guid.NewGuid():N}";
        Tell("charge.refunded", new JsonObject
        {
            ["id"] = (string?)intent["latest_charge"],
            ["object"] = "charge",
            ["payment_intent"] = (string?)intent["id"],
            ["refunded"] = true,
            ["metadata"] = intent["metadata"]!.DeepClone(),
        });
        return (200, new JsonObject { ["id"] = $"re_{Guid.NewGuid():N}", ["object"] = "refund", ["status"] = "succeeded" }.ToJsonString());
    }

    private (int Status, string Body) Search(string query)
    {
        const string Start = "metadata['order_id']:'";
        if (!query.StartsWith(Start, StringComparison.Ordinal) || !query.EndsWith('\''))
            return Error(400, "invalid_request_error", null, "We were unable to parse your search query.", "query");
        var orderId = query[Start.Length..^1];
        var found = _intents.Values.Where(intent => !IsSearchBehind && (string?)intent["metadata"]!["order_id"] == orderId);
        return (200, new JsonObject
        {
            ["object"] = "search_result",
            ["data"] = new JsonArray([.. found.Select(intent => intent.DeepClone())]),
            ["has_more"] = false
        }.ToJsonString());
    }

    private (int Status, string Body) On(string id, Func<JsonObject, (int Status, string Body)> act) =>
        _intents.TryGetValue(id, out var intent)
            ? act(intent)
            : Error(404, "invalid_request_error", "resource_missing", $"No such payment_intent: '{id}'", "intent");

    private void Tell(string type, JsonObject about) => _events.Add(new JsonObject
    {
        ["id"] = $"evt_{Guid.NewGuid():N}",
        ["object"] = "event",
        ["type"] = type,
        ["data"] = new JsonObject { ["object"] = about.DeepClone() },
    });

    private static (int Status, string Body) UnexpectedState(JsonObject intent) =>
        Error(400, "invalid_request_error", "payment_intent_unexpected_state", $"This PaymentIntent has a status of {intent["status"]}.");

    private static (int Status, string Body) Error(int status, string type, string? code, string message, string? param = null) => (
        status,
        new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["type"] = type,
                ["code"] = code,
                ["message"] = message,
                ["param"] = param
            }
        }.ToJsonString());
}
