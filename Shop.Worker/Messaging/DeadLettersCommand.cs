using Shop.Contracts;
using Shop.Contracts.Messaging;

namespace Shop.Worker.Messaging;

/// <summary>
/// <c>Shop.Worker dead-letters …</c>: shows the messages that no consumer could handle, sends them again or discards them.
/// </summary>
internal static class DeadLettersCommand
{
    private const string Usage = """
        Shop.Worker dead-letters list [--queue QUEUE]              what waits for a decision, the latest first
        Shop.Worker dead-letters show ID                           one letter with its payload
        Shop.Worker dead-letters resend ID                         to the queue in which it died; handled already, it changes nothing
        Shop.Worker dead-letters resend --all [--queue QUEUE]      all of them, or those of one queue
        Shop.Worker dead-letters discard ID                        leave it for good

        The database is ConnectionStrings__shopdb. A running worker publishes what is sent again.
        Exit code: 0 done, 1 not done (the reason is on stderr), 2 wrong usage.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        switch (arguments)
        {
            case ["--help" or "-h", ..]:
                Console.WriteLine(Usage);
                return MessagingCommand.Done;
            case ["list"]:
                return await MessagingCommand.RunAsync(services => ListAsync(services, null));
            case ["list", "--queue", var queue]:
                return await MessagingCommand.RunAsync(services => ListAsync(services, queue));
            case ["show", var text] when Guid.TryParse(text, out var id):
                return await MessagingCommand.RunAsync(services => ShowAsync(services, id));
            case ["resend", "--all"]:
                return await MessagingCommand.RunAsync(services => ResendAllAsync(services, null));
            case ["resend", "--all", "--queue", var queue]:
                return await MessagingCommand.RunAsync(services => ResendAllAsync(services, queue));
            case ["resend", var text] when Guid.TryParse(text, out var id):
                return await MessagingCommand.RunAsync(services => ResendAsync(services, id));
            case ["discard", var text] when Guid.TryParse(text, out var id):
                return await MessagingCommand.RunAsync(services => DiscardAsync(services, id));
            case ["show" or "resend" or "discard", var text] when !text.StartsWith('-'):
                return await MessagingCommand.FailAsync($"'{text}' is no id of a dead letter: `dead-letters list` shows them.");
            default:
                return await MessagingCommand.MisusedAsync(arguments, Usage);
        }
    }

    private static async Task<int> ListAsync(IServiceProvider services, string? queue)
    {
        var letters = services.GetRequiredService<DeadLetters>();
        var count = 0;
        for (DeadLetterCursor? after = null; ;)
        {
            var page = await letters.ListAsync(queue, after, PageSize.Max, CancellationToken.None);
            foreach (var letter in page.Items)
                Console.WriteLine(Line(letter));
            count += page.Items.Count;
            if (page.NextCursor is null || !DeadLetterCursor.TryParse(page.NextCursor, out after))
                break;
        }

        Console.WriteLine(count == 0 ? "No dead letters." : $"{count} dead {(count == 1 ? "letter" : "letters")}.");
        return MessagingCommand.Done;
    }

    private static async Task<int> ShowAsync(IServiceProvider services, Guid id)
    {
        if (await services.GetRequiredService<DeadLetters>().FindAsync(id, CancellationToken.None) is not { } letter)
            return await MessagingCommand.FailAsync(Missing(id));
        Console.WriteLine(Line(letter));
        Console.WriteLine($"message {letter.MessageId ?? "without an id"}{Fate(letter)}");
        Console.WriteLine(letter.Payload);
        return MessagingCommand.Done;
    }

    private static async Task<int> ResendAsync(IServiceProvider services, Guid id)
    {
        var letters = services.GetRequiredService<DeadLetters>();
        var resent = await letters.ResendAsync(id, CancellationToken.None);
        if (resent.Unsendable > 0)
            return await MessagingCommand.FailAsync($"Dead letter {id} is no text: no consumer could ever read it. Discard it.");
        if (resent.Sent == 0)
            return await MessagingCommand.FailAsync(await letters.FindAsync(id, CancellationToken.None) is { } letter
                ? $"Dead letter {id} is settled{Fate(letter)}"
                : Missing(id));
        Console.WriteLine("1 dead letter is on its way to its queue.");
        return MessagingCommand.Done;
    }

    private static async Task<int> ResendAllAsync(IServiceProvider services, string? queue)
    {
        var resent = await services.GetRequiredService<DeadLetters>().ResendAllAsync(queue, CancellationToken.None);
        Console.WriteLine(
            $"{resent.Sent} dead {(resent.Sent == 1 ? "letter is on its way to its queue" : "letters are on their way to their queues")}.");
        return resent.Unsendable == 0
            ? MessagingCommand.Done
            : await MessagingCommand.FailAsync(
                $"{resent.Unsendable} stay: they are no text, and no consumer could ever read them. Discard them.");
    }

    private static async Task<int> DiscardAsync(IServiceProvider services, Guid id)
    {
        var letters = services.GetRequiredService<DeadLetters>();
        if (!await letters.DiscardAsync(id, CancellationToken.None))
            return await MessagingCommand.FailAsync(await letters.FindAsync(id, CancellationToken.None) is { } letter
                ? $"Dead letter {id} is settled{Fate(letter)}"
                : Missing(id));
        Console.WriteLine($"Dead letter {id} is discarded.");
        return MessagingCommand.Done;
    }

    private static string Line(DeadLetter letter) =>
        $"{letter.Id}  {letter.DiedAt:u}  {letter.Queue}  {letter.Type}  {letter.Attempts}×  {letter.Reason.ReplaceLineEndings(" ")}";

    private static string Fate(DeadLetter letter) => letter switch
    {
        { DiscardedAt: { } discarded } => $": it was discarded at {discarded:u}.",
        { ResentAt: { } resent } => $": it was sent again at {resent:u}.",
        _ => "",
    };

    private static string Missing(Guid id) => $"There is no dead letter {id}: `dead-letters list` shows those there are.";
}
