using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Infrastructure.Payments;

namespace Shop.ApiService.Payments;

internal static class PaymentEndpoints
{
    /// <summary>Far more than an event of a payment has; a longer body is refused before it is read.</summary>
    private const int MaxEventBytes = 256 * 1024;

    public static void MapPayments(this IEndpointRouteBuilder api)
    {
        var payments = api.MapGroup("/payments").WithTags("Payments")
            // Providers send in bursts, and what isn't signed is refused without a look at the database.
            .DisableRateLimiting();
        payments.MapPost("/events/{provider}", ReceiveAsync).WithName("ReceivePaymentEvent")
            .WithSummary("What a payment provider tells by webhook")
            .WithDescription(
                "For 'stripe' and 'simulated'. Signed as Stripe does it: the header Stripe-Signature is t=<Unix seconds>,v1=<hex "
                    + "HMAC-SHA256 of t.body>. "
                + "The same event again is answered like the first time and changes nothing.")
            .WithMetadata(new RequestSizeLimitAttribute(MaxEventBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
    }

    private static async Task<Results<Ok, ProblemHttpResult>> ReceiveAsync(
        string provider,
        [FromHeader(Name = WebhookSignature.Header)] string? signature,
        HttpRequest request,
        ProviderEvents events,
        CancellationToken cancellationToken)
    {
        // The bytes themselves are signed, so they are read as they are.
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return await events.ReceiveAsync(
            provider, signature ?? "", body.GetBuffer().AsMemory(0, (int)body.Length), cancellationToken) switch
        {
            ProviderEventReceipt.Stored => TypedResults.Ok(),
            ProviderEventReceipt.Forged forged => TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, detail: forged.Fault),
            ProviderEventReceipt.Unreadable => TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest,
                detail: "The body is no event: JSON with the fields id, type and data.object is expected."),
            _ => TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, detail: "The shop hears no payment provider of this name."),
        };
    }
}
