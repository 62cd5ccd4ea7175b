using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;

namespace Shop.Tests.Browser;

public sealed partial class Chromium
{
    static partial void UseInstaller(ref Func<CancellationToken, Task<string>>? install) =>
        install = cancellationToken => SystemPackages.EnsureAsync(
            "Chromium",
            () => SearchPath.Default.Find("chromium", "chromium-browser"),
            new SystemPackage("chromium|chromium-browser", "chromium", "chromium"),
            mayInstall: true,
            SearchPath.Default,
            text => TestContext.Current.SendDiagnosticMessage(text),
            cancellationToken);
}
