using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;

namespace Shop.Tests.Operations;

internal static partial class Promtool
{
    static partial void UseInstaller(ref Func<CancellationToken, Task<string>>? install) =>
        install = cancellationToken => SystemPackages.EnsureAsync(
            "Prometheus",
            () => SearchPath.Default.Find("promtool"),
            new SystemPackage("prometheus", "golang-github-prometheus", "prometheus", "prometheus", "prometheus-node-exporter"),
            mayInstall: true,
            SearchPath.Default,
            text => TestContext.Current.SendDiagnosticMessage(text),
            cancellationToken);
}
