using Aspire.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.LocalServers;

/// <summary>Docker or Podman, if it is there and works.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="choice"><c>local</c>, <c>containers</c>, or nothing to look for an engine.</param>
    /// <param name="logger">Told of engines that are there and don't work.</param>
    /// <param name="find">Looks for an engine's command line; on PATH unless given.</param>
    /// <param name="patience">How long an engine may take to answer.</param>
    /// <returns>The engine to run the servers in; null when they shall run without one.</returns>
    /// <exception cref="DistributedApplicationException">The choice is none, or the engine that it needs doesn't answer.</exception>
    public static async Task<string?> IsWantedAsync(
        string? choice, ILogger logger, CancellationToken cancellationToken, Func<string, string?>? find = null, TimeSpan? patience = null)
    {
        switch (choice)
        {
            case "local":
                return null;
            case null or "" or "containers":
                break;
            default:
                throw new DistributedApplicationException(
                    $"SHOP_SERVERS is '{choice}': use 'local' (this machine's own servers) or 'containers'.");
        }

        var named = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME")
            ?? Environment.GetEnvironmentVariable("DOTNET_ASPIRE_CONTAINER_RUNTIME");
        string[] engines = string.IsNullOrEmpty(named) ? ["docker", "podman"] : [named];
        var troubles = new List<string>();
        foreach (var engine in engines)
        {
            if (await TroubleAsync(engine, find ?? Programs.Find, patience ?? Patience, cancellationToken) is not { } trouble)
                return engine;
            if (trouble.Length > 0)
                troubles.Add($"{engine} is there but doesn't answer: {trouble}");
        }

        if (choice == "containers")
        {
            throw new DistributedApplicationException(
                "SHOP_SERVERS=containers needs a container engine. "
                + $"{(troubles.Count > 0 ? string.Join(" ", troubles) : "Neither docker nor podman is installed.")} "
                + "Start one, or leave SHOP_SERVERS away to use this machine's own servers.");
        }

        foreach (var trouble in troubles)
            logger.UnhealthyEngine(trouble);
        return null;
    }

    /// <returns>Null when the engine works, nothing when it isn't installed, else what it says.</returns>
    private static async Task<string?> TroubleAsync(
        string engine, Func<string, string?> find, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (find(engine) is not { } program)
            return "";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        // `info` asks the engine, where `--version` only asks the command line.
        using var process = Process.Start(
            new ProcessStartInfo(program, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = await process.StandardError.ReadToEndAsync(limit.Token);
            await output;
            await process.WaitForExitAsync(limit.Token);
            // Some report a dead engine among the answers, and exit with 0.
            var lastWord = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
            return process.ExitCode == 0 && (lastWord is null || !lastWord.StartsWith("ERROR", StringComparison.OrdinalIgnoreCase))
                ? null
                : lastWord ?? $"`{engine} info` ended with {process.ExitCode}.";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return $"`{engine} info` took longer than {patience.TotalSeconds:0.#} s.";
        }
    }
}
