using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Shop.ServiceDefaults;

/// <summary>
/// A second port that nothing for customers leads to: what is told there is for the inside. By its address a caller can't
/// be judged, since behind a proxy everybody comes from the same one.
/// </summary>
internal static class ManagementPort
{
    private const string Key = "Management:Port";
    private const string UrlOfKestrel = "http://localhost:5000";

    /// <summary>Null without one: then nobody counts as inside.</summary>
    /// <exception cref="InvalidOperationException">The setting is no port.</exception>
    public static int? Of(IConfiguration configuration) => configuration[Key] switch
    {
        null or "" => null,
        var text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 => port,
        var text => throw new InvalidOperationException($"{Key} must be a port from 1 to 65535, not '{text}'."),
    };

    /// <summary>Has the server listen there too, on the addresses of the first port that it was given.</summary>
    public static void AddManagementPort(this IHostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (Of(configuration) is not { } port)
            return;

        var urls = configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } given ? given
            : configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 } ports
                ? string.Join(';', ports.Split(';').Select(number => $"http://*:{number}"))
            : UrlOfKestrel;
        configuration[WebHostDefaults.ServerUrlsKey] = $"{urls};http://{BindingAddress.Parse(urls.Split(';')[0]).Host}:{port}";
    }
}
