using Shop.LocalServers;

namespace Shop.Tests.Operations;

/// <summary>Prometheus' own checker of rules, from the system's package; installed where it is missing.</summary>
internal static class Promtool
{
    private static readonly Package Prometheus = new(
        "prometheus", "golang-github-prometheus", "prometheus", ["prometheus", "prometheus-node-exporter"]);

    /// <returns>Its path.</returns>
    public static Task<string> EnsureAsync(CancellationToken cancellationToken) =>
        Prometheus.EnsureAsync("Promtool", () => Programs.Find("promtool"), TestContext.Current.SendDiagnosticMessage, cancellationToken);
}
