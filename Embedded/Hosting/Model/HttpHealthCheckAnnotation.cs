namespace Embedded.Hosting;

/// <summary>A replica is healthy when a GET of this path answers with this status.</summary>
internal sealed class HttpHealthCheckAnnotation(string path, int statusCode, string? endpointName) : IResourceAnnotation
{
    public string Path { get; } = path;

    public int StatusCode { get; } = statusCode;

    /// <summary>Null means the first HTTP endpoint.</summary>
    public string? EndpointName { get; } = endpointName;
}
