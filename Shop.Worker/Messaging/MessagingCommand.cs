namespace Shop.Worker.Messaging;

/// <summary>What the commands about messages share: they need the database and nothing else.</summary>
internal static class MessagingCommand
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;

    /// <summary>Runs with the shop's database, and says in a sentence when there is none.</summary>
    public static async Task<int> RunAsync(Func<IServiceProvider, Task<int>> run)
    {
        // The arguments are read by the command; what is left is configuration from the environment.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddEnvironmentVariables();
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("shopdb")))
            return await FailAsync("Say which database: set ConnectionStrings__shopdb to its connection string (the dashboard shows it "
                + "among the worker's environment variables).");
        builder.AddShopDatabase();
        builder.AddMessagingAdministration();
        using var host = builder.Build();
        try
        {
            return await run(host.Services);
        }
        catch (Exception failure) when (
            failure is NpgsqlException or ArgumentException or OptionsValidationException || failure.GetBaseException() is NpgsqlException)
        {
            return await FailAsync($"The database didn't do it: {failure.GetBaseException().Message}");
        }
    }

    public static async Task<int> FailAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return Failed;
    }

    public static async Task<int> MisusedAsync(string[] arguments, string usage)
    {
        await Console.Error.WriteLineAsync(arguments.Length == 0 ? usage : $"Not understood: {string.Join(' ', arguments)}\n\n{usage}");
        return WrongUsage;
    }
}
