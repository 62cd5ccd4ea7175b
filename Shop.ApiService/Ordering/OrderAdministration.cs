using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Ordering;

namespace Shop.ApiService.Ordering;

/// <summary>What whoever runs the shop does with orders.</summary>
internal static class OrderAdministration
{
    private const int MaxReasonLength = 200;

    public static void MapOrderAdministration(this IEndpointRouteBuilder admin)
    {
        var orders = admin.MapGroup("/orders").ProducesProblem(StatusCodes.Status404NotFound);
        orders.MapGet("/{id:guid}", FindAsync).WithName("GetAnyOrder").WithSummary("One order, whoever placed it");
        orders.MapPost("/{id:guid}/cancel", CancelAsync).WithName("CancelAnyOrder").WithSummary("Cancel an order that is not paid yet")
            .ProducesProblem(StatusCodes.Status409Conflict);
        orders.MapPost("/{id:guid}/refund", RefundAsync).WithName("RefundOrder")
            .WithSummary("Take a paid order back and give its money back")
            .WithDescription(
                "With restock its pieces can be sold again: they never left the house, or were returned. The money follows within moments.")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<OrderDetails>, ProblemHttpResult>> FindAsync(
        Guid id, OrderQueries orders, CancellationToken cancellationToken) =>
        await orders.FindAsync(id, cancellationToken) is { } order ? TypedResults.Ok(order) : NotFound(id);

    private static async Task<Results<Ok<OrderDetails>, ValidationProblem, ProblemHttpResult>> CancelAsync(
        Guid id, CancelOrder cancelOrder, OrderTransitions transitions, OrderQueries orders, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var reason = errors.Required("reason", cancelOrder.Reason, MaxReasonLength, "The reason");
        if (errors.Any)
            return errors.ToProblem();
        return await AnswerAsync(
            id, await transitions.CancelAsync(id, CancelCause.Shop, reason, cancellationToken),
            "cancelled: it is paid or over. A paid order is refunded", orders, cancellationToken);
    }

    private static async Task<Results<Ok<OrderDetails>, ValidationProblem, ProblemHttpResult>> RefundAsync(
        Guid id, Refund refund, OrderTransitions transitions, OrderQueries orders, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var reason = errors.Required("reason", refund.Reason, MaxReasonLength, "The reason");
        if (errors.Any)
            return errors.ToProblem();
        return await AnswerAsync(
            id, await transitions.ReturnAsync(id, reason, refund.Restock, cancellationToken), "refunded: it was never paid", orders,
            cancellationToken);
    }

    private static async Task<Results<Ok<OrderDetails>, ValidationProblem, ProblemHttpResult>> AnswerAsync(
        Guid id, TransitionOutcome outcome, string refusal, OrderQueries orders, CancellationToken cancellationToken) => outcome switch
        {
            TransitionOutcome.NotFound => NotFound(id),
            TransitionOutcome.NotAllowed =>
                TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, detail: $"The order can't be {refusal}."),
            _ => TypedResults.Ok(await orders.FindAsync(id, cancellationToken)),
        };

    private static ProblemHttpResult NotFound(Guid id) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, detail: $"There is no order {id}.");
}
