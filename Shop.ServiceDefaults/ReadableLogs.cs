using Microsoft.Extensions.Logging;

namespace Shop.ServiceDefaults;

internal static class ReadableLogs
{
    // What the framework tells of every request and every statement is in the traces; in the log it hides the rest.
    private static readonly (string Category, LogLevel Level)[] FrameworkLevels =
    [
        ("Microsoft.AspNetCore", LogLevel.Warning),
        ("Microsoft.EntityFrameworkCore", LogLevel.Warning),
        ("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical),
        ("Npgsql", LogLevel.Warning),
        // What is sent again is told in a line of our own.
        ("Polly", LogLevel.Error),
        // A page of lines for each connection.
        ("StackExchange.Redis", LogLevel.Warning),
        // The gateway itself tells, in a line each, what it gives up.
        ("Yarp", LogLevel.Error),
    ];

    /// <summary>One line an event with a UTC timestamp; configuration under <c>Logging</c> prevails.</summary>
    public static void AddReadableLogs(this IHostApplicationBuilder builder)
    {
        foreach (var (category, level) in FrameworkLevels)
        {
            if (builder.Configuration[$"Logging:LogLevel:{category}"] is null)
                builder.Logging.AddFilter(category, level);
        }

        // Aspire names the simple formatter for every project; another one was chosen by somebody.
        if (builder.Configuration["Logging:Console:FormatterName"] is not (null or "simple"))
            return;
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
    }
}
