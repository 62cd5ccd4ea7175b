namespace Embedded.Dashboard;

/// <summary>Where the dashboard is met, and by whom.</summary>
public sealed record DashboardOptions
{
    /// <summary>Of the pages; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Of the receiver for OTLP over gRPC; 0 for a free one.</summary>
    public int GrpcPort { get; init; }

    /// <summary>Of the receiver for OTLP over HTTP; 0 for a free one.</summary>
    public int HttpPort { get; init; }

    /// <summary>Lets a browser in.</summary>
    public required string BrowserToken { get; init; }

    /// <summary>Lets telemetry in.</summary>
    public required string ApiKey { get; init; }
}
