using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Embedded.Hosting;

/// <summary>What the AppHost's configuration says about the dashboard.</summary>
/// <param name="IsEnabled"><c>Dashboard:Enabled</c>; unless said, everywhere but in tests.</param>
/// <param name="Port"><c>Dashboard:Port</c>; null when nothing is said.</param>
/// <param name="IsTest">Then every port is free to choose.</param>
/// <param name="BrowserToken"><c>AppHost:BrowserToken</c>, as Aspire calls it; a new one each run unless said.</param>
/// <param name="ApiKey"><c>AppHost:OtlpApiKey</c>, as Aspire calls it; a new one each run unless said.</param>
internal sealed record DashboardSettings(bool IsEnabled, int? Port, bool IsTest, string BrowserToken, string ApiKey)
{
    private const int SecretBytes = 16;

    public IReadOnlyList<string> Secrets => [BrowserToken, ApiKey];

    /// <exception cref="EmbeddedHostingException">What is said makes no sense.</exception>
    public static DashboardSettings Of(IConfiguration configuration, bool isTest) => new(
        Read(configuration, "Dashboard:Enabled", "true or false", (string text, out bool value) => bool.TryParse(text, out value)) ?? !isTest,
        Read(configuration, "Dashboard:Port", "a port from 1 to 65533", (string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is > 0 and <= ushort.MaxValue - DashboardStart.PortsAfterPages),
        isTest,
        configuration["AppHost:BrowserToken"] ?? NewSecret(),
        configuration["AppHost:OtlpApiKey"] ?? NewSecret());

    private delegate bool TryParse<T>(string text, out T value);

    private static T? Read<T>(IConfiguration configuration, string key, string expected, TryParse<T> tryParse)
        where T : struct => configuration[key] is not { Length: > 0 } text ? null
            : tryParse(text, out var value) ? value
            : throw new EmbeddedHostingException($"{key} must be {expected}, not '{text}'.");

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
}
