using System.Diagnostics.CodeAnalysis;
using Microsoft.Playwright;
using Shop.LocalServers;

namespace Shop.Tests.Browser;

/// <summary>
/// A browser for the tests: the system's own Chromium or Chrome, or the one that SHOP_CHROMIUM names; installed where it is missing.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];

    private static readonly string[] FurtherPlaces =
    [
        "/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/homebrew/bin", @"C:\Program Files\Google\Chrome\Application",
    ];

    private static readonly string[] Places =
    [
        .. Names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(FurtherPlaces)
        .Select(place => Path.Combine(place, name))),
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];

    private static readonly Package Installation = new("chromium|chromium-browser", "chromium", "chromium", []);

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var executable = await Installation.EnsureAsync(
            "Chromium", Find, TestContext.Current.SendDiagnosticMessage, TestContext.Current.CancellationToken);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            // No sandbox, because it refuses to work for root; the rest keeps it from doing anything but what the tests ask.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>A visitor with cookies and a window of its own.</summary>
    public async Task<IPage> VisitAsync(
        Uri shop, int width = 1280, int height = 900, ColorScheme colors = ColorScheme.Light, string? storageState = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = shop.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = colors,
            ReducedMotion = ReducedMotion.Reduce,
            StorageState = storageState,
        });
        // Generous, because two processors run the whole shop beside the browser.
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static string? Find() =>
        Environment.GetEnvironmentVariable("SHOP_CHROMIUM") is { Length: > 0 } chosen ? chosen : Places.FirstOrDefault(File.Exists);
}
