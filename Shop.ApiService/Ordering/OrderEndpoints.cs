using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Contracts;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Baskets;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Promotions;
using Shop.Infrastructure.Sql;
using Shop.ServiceDefaults;

namespace Shop.ApiService.Ordering;

internal static class OrderEndpoints
{
    private const string IdempotencyKeyHeader = "Idempotency-Key";
    private const string OrderTokenHeader = "Order-Token";
    private const string WatchAgainSeconds = "10";

    public static void MapOrders(this IEndpointRouteBuilder api)
    {
        var orders = api.MapGroup("/orders").WithTags("Orders").RequireRateLimiting(RateLimits.Orders);
        orders.MapPost("/", PlaceAsync).WithName("PlaceOrder").WithSummary("Place an order")
            .WithDescription("The same Idempotency-Key again gives the same answer and never a second order.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        orders.MapGet("/{id:guid}", FindAsync).WithName("GetOrder").WithSummary("One order, for the one who placed it")
            .ProducesProblem(StatusCodes.Status404NotFound);
        orders.MapGet("/{id:guid}/events", WatchAsync).WithName("WatchOrder")
            .WithSummary("The order's changes as server-sent events, until it is settled")
            .Produces<OrderStatusChanged>(contentType: "text/event-stream").ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        orders.MapPost("/{id:guid}/payments", PayAgainAsync).WithName("PayOrder")
            .WithSummary("Pay in another way after the payment was refused")
            .WithDescription("Until payment.payUntil, ten cards at most. "
                + "A second payment begins only when the one before has been refused, so no order is charged twice.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        orders.MapPost("/{id:guid}/cancel", CancelAsync).WithName("CancelOrder").WithSummary("Cancel an order while the rules allow it")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Accepted<OrderAccepted>, ValidationProblem, ProblemHttpResult>> PlaceAsync(
        PlaceOrder order,
        [FromHeader(Name = IdempotencyKeyHeader)] string? idempotencyKey,
        StockGate gate,
        OrderIntake intake,
        OrderTokens tokens,
        BasketStore baskets,
        ILogger<OrderIntake> logger,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (!Guid.TryParse(idempotencyKey, out var key))
            errors.Add(IdempotencyKeyHeader, "Send a UUID of your own making; the same for the same order, however often you send it.");
        var draft = OrderDraft.Check(order, errors);
        if (errors.Any)
            return Invalid(errors);

        // First of all, because it must cost nothing to refuse most of those who come to a flash sale.
        if (await gate.RefusedAsync(draft.Quantities, key, cancellationToken) is { Count: > 0 } soldOut)
            return Refused(RefusalReason.SoldOut, new IntakeResult.SoldOut(soldOut), tokens);

        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(order, ShopJson.Default.PlaceOrder));
        var request = new OrderRequest(
            key, hash, draft.Email, draft.ShippingAddress, draft.PaymentMethod, draft.PaymentToken, draft.Quantities, draft.ExpectedTotal);
        if (order.BasketId is { } basketId)
        {
            // A basket is emptied when it is ordered: what was answered then counts, not what is in it now.
            if (await intake.FindAsync(key, hash, cancellationToken) is { } known)
                return Answer(known, tokens);
            var basket = await baskets.GetAsync(basketId);
            var version = order.BasketVersion ?? basket.Version;
            if (basket.IsEmpty || version != basket.Version)
            {
                // Between the two looks the same order may have been taken, by a double click.
                if (await intake.FindAsync(key, hash, cancellationToken) is { } meanwhile)
                    return Answer(meanwhile, tokens);
                if (version is { } asked && await intake.FindOrderOfAsync(asked, cancellationToken) is { } first)
                    return Refused(RefusalReason.BasketOrdered, new IntakeResult.BasketOrdered(first), tokens);
                if (!basket.IsEmpty || order.BasketVersion is not null)
                    return BasketChanged();
                errors.Add("basketId", "The basket is empty.");
                return Invalid(errors);
            }

            request = request with { Quantities = basket.Quantities, BasketVersion = version };
            if (await gate.RefusedAsync(request.Quantities, key, cancellationToken) is { Count: > 0 } soldOutOfBasket)
                return Refused(RefusalReason.SoldOut, new IntakeResult.SoldOut(soldOutOfBasket), tokens);
        }

        var result = await intake.PlaceAsync(request, cancellationToken);
        if (result is IntakeResult.Accepted accepted)
            OrderingTelemetry.Identify(accepted.OrderId, accepted.Number);
        if (order.BasketId is { } ordered && result is IntakeResult.Accepted or IntakeResult.BasketOrdered)
            await TakeOutAsync(baskets, ordered, request, isFirst: result is IntakeResult.Accepted { Replayed: false }, logger);
        return Answer(result, tokens);
    }

    private static async Task<Results<Ok<OrderDetails>, ProblemHttpResult>> FindAsync(
        Guid id, [FromHeader(Name = OrderTokenHeader)] string? token, OrderQueries orders, OrderTokens tokens,
        CancellationToken cancellationToken) =>
        tokens.IsValid(id, token) && await orders.FindAsync(id, cancellationToken) is { } order ? TypedResults.Ok(order) : NotFound();

    private static async Task<Results<OrderEvents, ProblemHttpResult>> WatchAsync(
        Guid id, [FromHeader(Name = OrderTokenHeader)] string? token, OrderWatch watch, OrderQueries orders, OrderTokens tokens,
        HttpContext context)
    {
        if (!tokens.IsValid(id, token))
            return NotFound();
        if (!watch.TryOpen(id, context.Connection.RemoteIpAddress?.ToString() ?? "", out var stream))
        {
            context.Response.Headers.RetryAfter = WatchAgainSeconds;
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable,
                detail: "Too many are watching: ask for the order itself from time to time.");
        }

        try
        {
            // After the stream is open, so that no change is missed between the two.
            if (await orders.StatusAsync(id, context.RequestAborted) is { } now)
                return new OrderEvents(stream, now);
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        stream.Dispose();
        return NotFound();
    }

    private static async Task<Results<Accepted<OrderDetails>, ValidationProblem, ProblemHttpResult>> PayAgainAsync(
        Guid id,
        PaymentChoice payment,
        [FromHeader(Name = OrderTokenHeader)] string? token,
        OrderTransitions transitions,
        OrderQueries orders,
        OrderTokens tokens,
        CancellationToken cancellationToken)
    {
        if (!tokens.IsValid(id, token))
            return NotFound();
        var errors = new FieldErrors();
        var (_, card) = OrderDraft.Payment(payment, "", errors);
        if (errors.Any)
            return errors.ToProblem();
        var outcome = await transitions.PayAgainAsync(id, card, cancellationToken);
        if (outcome is TransitionOutcome.NotFound)
            return NotFound();
        var order = await orders.FindAsync(id, cancellationToken);
        return outcome is TransitionOutcome.Changed
            ? TypedResults.Accepted($"/api/v1/orders/{id}", order)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, type: Problems.Prefix + "nothing-to-pay", title: "Nothing to pay",
                detail: order switch
                {
                    { Status: "processing", Payment.Status: "pending" } =>
                        "A payment of this order is under way: wait for what comes of it.",
                    { Status: "cancelled" } => $"This order is cancelled: {order.Reason}",
                    { Status: "refunded" } => "This order is refunded.",
                    { Status: "processing" } => "The time to pay this order is over.",
                    _ => "This order is paid.",
                });
    }

    private static async Task<Results<Ok<OrderDetails>, ProblemHttpResult>> CancelAsync(
        Guid id,
        [FromHeader(Name = OrderTokenHeader)] string? token,
        OrderTransitions transitions,
        OrderQueries orders,
        OrderTokens tokens,
        CancellationToken cancellationToken)
    {
        if (!tokens.IsValid(id, token) || await orders.StatusAsync(id, cancellationToken) is null)
            return NotFound();
        if (await transitions.CancelAsync(
            id, CancelCause.Customer, "Cancelled by the customer.", cancellationToken) is TransitionOutcome.NotAllowed)
            return TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, detail: "The order is too far along to be cancelled.");
        return TypedResults.Ok(await orders.FindAsync(id, cancellationToken));
    }

    // The intake counts what it refuses itself; what doesn't get as far is counted here.
    private static ValidationProblem Invalid(FieldErrors errors)
    {
        OrderingTelemetry.Refused(RefusalReason.Invalid);
        return errors.ToProblem();
    }

    /// <summary>Refused before it came to the intake.</summary>
    private static Results<Accepted<OrderAccepted>, ValidationProblem, ProblemHttpResult> Refused(
        RefusalReason reason, IntakeResult result, OrderTokens tokens)
    {
        OrderingTelemetry.Refused(reason);
        return Answer(result, tokens);
    }

    private static ProblemHttpResult BasketChanged()
    {
        OrderingTelemetry.Refused(RefusalReason.BasketChanged);
        return TypedResults.Problem(
            statusCode: StatusCodes.Status409Conflict, type: Problems.Prefix + "basket-changed", title: "The basket has changed",
            detail: "The basket has been changed since you looked at it. Nothing was ordered.");
    }

    private static Results<Accepted<OrderAccepted>, ValidationProblem, ProblemHttpResult> Answer(IntakeResult result, OrderTokens tokens)
    {
        switch (result)
        {
            case IntakeResult.Accepted accepted:
                return TypedResults.Accepted($"/api/v1/orders/{accepted.OrderId}", new OrderAccepted(
                    accepted.OrderId, accepted.Number.ToString(CultureInfo.InvariantCulture), "processing", accepted.Total.ToContract(),
                    tokens.Create(accepted.OrderId)));
            case IntakeResult.SoldOut soldOut:
                return TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict,
                    type: Problems.Prefix + "sold-out",
                    title: "Sold out",
                    detail: $"There isn't enough of {string.Join(", ", soldOut.Skus)}. Nothing was ordered.",
                    extensions: [new("skus", soldOut.Skus)]);
            case IntakeResult.OverLimit overLimit:
                return TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict,
                    type: Problems.Prefix + "purchase-limit",
                    title: "Purchase limit",
                    detail: $"The flash sale sells no more of {string.Join(", ", overLimit.Skus)} to one customer. Nothing was ordered.",
                    extensions: [new("skus", overLimit.Skus)]);
            case IntakeResult.PriceChanged dearer:
                return TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict,
                    type: Problems.Prefix + "price-changed",
                    title: "The price has changed",
                    detail: $"The order would cost {dearer.Total}, which is not what was expected. Nothing was ordered; "
                        + "the same key can be sent with the new total.",
                    extensions:
                    [
                        new("total", dearer.Total.ToContract()),
                        new("lines", dearer.Lines.Select(line => new PricedLine(
                            line.Sku, line.Quantity, new Money(line.UnitPriceMinor, dearer.Total.Currency.Code))).ToArray()),
                    ]);
            case IntakeResult.BasketOrdered ordered:
                return TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict,
                    type: Problems.Prefix + "basket-already-ordered",
                    title: "Ordered already",
                    detail: "This basket was ordered already, and is ordered once.",
                    extensions: [new("orderId", ordered.OrderId.ToString()), new("order", $"/api/v1/orders/{ordered.OrderId}")]);
            case IntakeResult.UnknownSkus unknown:
                var errors = new FieldErrors();
                foreach (var sku in unknown.Skus)
                    errors.Add("items", $"There is no product with the SKU {sku}.");
                return errors.ToProblem();
            case IntakeResult.KeyReused:
                return TypedResults.Problem(
                    statusCode: StatusCodes.Status422UnprocessableEntity,
                    type: Problems.Prefix + "idempotency-key-reused",
                    title: "Idempotency key reused",
                    detail: "This Idempotency-Key was used for another order. A new order needs a new key.");
            default:
                throw new InvalidOperationException($"An order can't come out as {result}.");
        }
    }

    /// <param name="isFirst">Whether this request has made the order; otherwise nothing is taken but a basket that was left full.</param>
    private static async Task TakeOutAsync(BasketStore baskets, Guid basketId, OrderRequest ordered, bool isFirst, ILogger logger)
    {
        try
        {
            await baskets.TakeAsync(basketId, ordered.BasketVersion, isFirst ? ordered.Quantities : new Dictionary<string, int>());
        }
        catch (Exception failure) when (failure is StackExchange.Redis.RedisException or TimeoutException)
        {
            // The order stands; a basket left full is an annoyance, not a loss, and can't be ordered again.
            logger.BasketNotEmptied(failure.Message);
        }
    }

    private static ProblemHttpResult NotFound() =>
        TypedResults.Problem(
            statusCode: StatusCodes.Status404NotFound, detail: "There is no such order, or its token is missing or wrong.");
}
