using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Messaging;
using Shop.Infrastructure.Messaging;

namespace Shop.ApiService.Messaging;

/// <summary>Messages that didn't get where they should: to be looked at, sent again or discarded.</summary>
internal static class MessagingAdministration
{
    public static void MapMessaging(this IEndpointRouteBuilder admin)
    {
        var letters = admin.MapGroup("/dead-letters");
        letters.MapGet("/", ListAsync).WithName("ListDeadLetters").WithSummary("Messages that no consumer could handle, the latest first");
        letters.MapGet("/{id:guid}", FindAsync).WithName("GetDeadLetter").WithSummary("One dead letter, whatever became of it")
            .ProducesProblem(StatusCodes.Status404NotFound);
        letters.MapPost("/{id:guid}/resend", ResendAsync).WithName("ResendDeadLetter").WithSummary("Send a dead letter to its queue again")
            .WithDescription("It keeps its message id: a consumer that has handled it meanwhile does nothing.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        letters.MapPost("/resend", ResendAllAsync).WithName("ResendDeadLetters")
            .WithSummary("Send all dead letters again, or those of one queue");
        letters.MapPost("/{id:guid}/discard", DiscardAsync).WithName("DiscardDeadLetter").WithSummary("Leave a dead letter for good")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

        var outbox = admin.MapGroup("/outbox");
        outbox.MapGet("/", (OutboxAdministration parked, CancellationToken cancellationToken) => parked.StateAsync(cancellationToken))
            .WithName("GetOutbox").WithSummary("How many events wait to be published, and which were given up").Produces<OutboxState>();
        outbox.MapPost("/{id:guid}/release", ReleaseAsync).WithName("ReleaseParkedEvent")
            .WithSummary("Let a parked event be published again")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<Page<DeadLetter>>, ValidationProblem>> ListAsync(
        DeadLetters letters,
        [Description("Only those that died in this queue.")] string? queue,
        [Description("nextCursor of the page before.")] string? cursor,
        [Description("1 to 100, 24 unless told.")] int? pageSize,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var size = errors.SizeOfPage(pageSize);
        var after = errors.Cursor<DeadLetterCursor>(cursor, DeadLetterCursor.TryParse);
        errors.Searchable("queue", queue);
        return errors.Any
            ? errors.ToProblem()
            : TypedResults.Ok(await letters.ListAsync(queue, after, size, cancellationToken));
    }

    private static async Task<Results<Ok<DeadLetter>, ProblemHttpResult>> FindAsync(
        Guid id, DeadLetters letters, CancellationToken cancellationToken) =>
        await letters.FindAsync(id, cancellationToken) is { } letter ? TypedResults.Ok(letter) : NotFound();

    private static async Task<Results<Ok<DeadLetter>, ProblemHttpResult>> ResendAsync(
        Guid id, DeadLetters letters, CancellationToken cancellationToken)
    {
        var resent = await letters.ResendAsync(id, cancellationToken);
        if (await letters.FindAsync(id, cancellationToken) is not { } letter)
            return NotFound();
        if (resent.Sent == 1)
            return TypedResults.Ok(letter);
        return Conflict(resent.Unsendable == 1 ? "Its payload is no text: no consumer could ever read it." : Decided(letter));
    }

    private static async Task<Results<Ok<ResentLetters>, ValidationProblem>> ResendAllAsync(
        DeadLetters letters, [Description("Only those that died in this queue.")] string? queue, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.Searchable("queue", queue);
        return errors.Any ? errors.ToProblem() : TypedResults.Ok(await letters.ResendAllAsync(queue, cancellationToken));
    }

    private static async Task<Results<Ok<DeadLetter>, ProblemHttpResult>> DiscardAsync(
        Guid id, DeadLetters letters, CancellationToken cancellationToken)
    {
        var isDiscarded = await letters.DiscardAsync(id, cancellationToken);
        if (await letters.FindAsync(id, cancellationToken) is not { } letter)
            return NotFound();
        return isDiscarded ? TypedResults.Ok(letter) : Conflict(Decided(letter));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReleaseAsync(
        Guid id, OutboxAdministration outbox, CancellationToken cancellationToken) =>
        await outbox.ReleaseAsync(id, cancellationToken)
            ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, detail: "No such event is parked.");

    private static string Decided(DeadLetter letter) =>
        letter.DiscardedAt is { } discarded ? $"It was discarded at {discarded:O}." : $"It was sent again at {letter.ResentAt:O}.";

    private static ProblemHttpResult NotFound() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, detail: "There is no such dead letter.");

    private static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, detail: detail);
}
