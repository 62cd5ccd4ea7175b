using System.Reflection;

namespace Shop.Tests.Distributed;

/// <summary>The worker's program as a person types it, with nothing but the database's connection string.</summary>
internal static class WorkerProgram
{
    public static async Task<(int ExitCode, string Said)> RunAsync(string connectionString, string[] arguments)
    {
        // Every layout of the build's output differs between projects in nothing but the project's name.
        var worker = Assembly.GetExecutingAssembly().Location.Replace("Shop.Tests", "Shop.Worker", StringComparison.Ordinal);
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [worker, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ConnectionStrings__shopdb"] = connectionString;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
