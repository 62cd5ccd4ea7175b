namespace Shop.Worker.Messaging;

/// <summary><c>Shop.Worker outbox …</c>: shows what waits to be published, and lets events that were given up be tried again.</summary>
internal static class OutboxCommand
{
    private const string Usage = """
        Shop.Worker outbox list          how many events wait to be published, and which were given up
        Shop.Worker outbox release ID    let one of these be tried again

        The database is ConnectionStrings__shopdb. A running worker publishes what is released.
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
                return await MessagingCommand.RunAsync(ListAsync);
            case ["release", var text] when Guid.TryParse(text, out var id):
                return await MessagingCommand.RunAsync(services => ReleaseAsync(services, id));
            case ["release", var text] when !text.StartsWith('-'):
                return await MessagingCommand.FailAsync($"'{text}' is no id of an event: `outbox list` shows those that are parked.");
            default:
                return await MessagingCommand.MisusedAsync(arguments, Usage);
        }
    }

    private static async Task<int> ListAsync(IServiceProvider services)
    {
        var state = await services.GetRequiredService<OutboxAdministration>().StateAsync(CancellationToken.None);
        Console.WriteLine(
            state.OldestSeconds is { } seconds ? $"{state.Depth} events wait, the oldest for {seconds:0} s." : "No event waits.");
        Console.WriteLine(
            state.ParkedCount == 0 ? "None is parked." : $"{state.ParkedCount} {(state.ParkedCount == 1 ? "is" : "are")} parked:");
        foreach (var parked in state.Parked)
            Console.WriteLine(
                $"{parked.Id}  {parked.ParkedAt:u}  {parked.Type}  {parked.Attempts}×  {parked.Reason?.ReplaceLineEndings(" ")}");
        if (state.ParkedCount > state.Parked.Count)
            Console.WriteLine($"… and {state.ParkedCount - state.Parked.Count} more.");
        return MessagingCommand.Done;
    }

    private static async Task<int> ReleaseAsync(IServiceProvider services, Guid id)
    {
        if (!await services.GetRequiredService<OutboxAdministration>().ReleaseAsync(id, CancellationToken.None))
            return await MessagingCommand.FailAsync($"No event {id} is parked: `outbox list` shows those that are.");
        Console.WriteLine($"Event {id} is tried again.");
        return MessagingCommand.Done;
    }
}
