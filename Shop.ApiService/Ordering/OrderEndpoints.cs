using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Contracts;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Ordering;

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
        Checkout checkout,
        OrderTokens tokens,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (!Guid.TryParse(idempotencyKey, out var key))
            errors.Add(IdempotencyKeyHeader, "Send a UUID of your own making; the same for the same order, however often you send it.");
        var draft = OrderDraft.Check(order, errors);
        if (errors.Any)
        {
            OrderingTelemetry.Refused(RefusalReason.Invalid);
            return errors.ToProblem();
        }

        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(order, ShopJson.Default.PlaceOrder));
        var result = await checkout.PlaceAsync(draft.ToRequest(key, hash, order.BasketVersion), order.BasketId, cancellationToken);
        if (result is IntakeResult.Accepted accepted)
            OrderingTelemetry.Identify(accepted.OrderId, accepted.Number);
        return result.ToAnswer(tokens);
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
            : OrderAnswers.NothingToPay(order);
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

    private static ProblemHttpResult NotFound() =>
        TypedResults.Problem(
            statusCode: StatusCodes.Status404NotFound, detail: "There is no such order, or its token is missing or wrong.");
}
