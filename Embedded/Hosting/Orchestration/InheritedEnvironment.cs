using System.Collections;
using Embedded.Hosting.Endpoints;

namespace Embedded.Hosting;

/// <summary>The AppHost's own environment less what was meant for the AppHost alone.</summary>
internal static class InheritedEnvironment
{
    private static readonly string[] OfTheAppHostAlone =
    [
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "URLS", "HTTP_PORTS", "HTTPS_PORTS",
        "DOTNET_URLS", "DOTNET_LAUNCH_PROFILE", "DOTNET_HOSTINGSTARTUPASSEMBLIES", "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES",
        "DOTNET_STARTUP_HOOKS", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", InlineCompletions.Variable,
    ];

    public static Dictionary<string, string> Get()
    {
        var environment = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: string value }
                && !OfTheAppHostAlone.Contains(name, StringComparer.OrdinalIgnoreCase)
                && !name.StartsWith("ASPIRE_", StringComparison.Ordinal)
                && !name.StartsWith("DOTNET_RESOURCE_SERVICE_", StringComparison.Ordinal))
            {
                environment[name] = value;
            }
        }

        return environment;
    }
}
