using Microsoft.Extensions.DependencyInjection;
using Shop.AppHost;

namespace Shop.Benchmarks.Chaos;

/// <summary>The shop's own audit, <c>Shop.Worker audit</c>, of a shop at rest.</summary>
internal static class Audit
{
    /// <returns>What it found, a line each; empty when everything fits.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(ShopTopology shop, CancellationToken cancellationToken)
    {
        var model = shop.App.Services.GetRequiredService<DistributedApplicationModel>();
        var worker = ShopDefaults.BuiltProgram(model.Resources.Single(resource => resource.Name == "worker"));
        var start = new ProcessStartInfo(worker, ["audit", "--grace", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ConnectionStrings__shopdb"] = await shop.App.GetConnectionStringAsync("shopdb", cancellationToken);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            // The findings come first; a line without anything and the list of all checks follow.
            return process.ExitCode == 0
                ? []
                : [.. (await output).Split('\n').TakeWhile(line => !string.IsNullOrWhiteSpace(line)).Append(errors.Trim())
                    .Where(line => line.Length > 0).Select(line => $"audit: {line.TrimEnd()}")];
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
