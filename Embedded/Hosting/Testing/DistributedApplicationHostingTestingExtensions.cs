using Microsoft.Extensions.DependencyInjection;

namespace Embedded.Hosting;

public static class DistributedApplicationHostingTestingExtensions
{
    /// <param name="app">A started application.</param>
    /// <param name="resourceName">A resource with an HTTP endpoint.</param>
    /// <param name="endpointName">Null for the first HTTP endpoint.</param>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }

    /// <inheritdoc cref="CreateHttpClient"/>
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        if (Find(app, resourceName) is not IResourceWithEndpoints resource)
            throw new InvalidOperationException($"The resource '{resourceName}' has no endpoints.");

        var endpoint = endpointName is not null
            ? resource.GetEndpoint(endpointName)
            : resource.GetEndpoints().FirstOrDefault(candidate => candidate.IsHttp) ?? resource.GetEndpoints().FirstOrDefault();
        return endpoint is { Exists: true }
            ? new Uri(endpoint.Url)
            : throw new InvalidOperationException($"The resource '{resourceName}' has no endpoint '{endpointName ?? "http"}'.");
    }

    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Find(app, resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new InvalidOperationException($"The resource '{resourceName}' has no connection string.");

    private static IResource Find(DistributedApplication app, string resourceName) =>
        app.Model.Resources.TryGetByName(resourceName, out var resource)
            ? resource
            : throw new InvalidOperationException($"There is no resource '{resourceName}' in this application.");
}
