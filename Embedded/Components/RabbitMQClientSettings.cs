namespace Embedded.Components;

/// <summary>How RabbitMQ is reached; bound from <c>Aspire:RabbitMQ:Client</c>.</summary>
public sealed class RabbitMQClientSettings
{
    /// <summary>An address as <c>amqp://user:password@host:port</c>; <c>ConnectionStrings:{name}</c> goes before it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>How often the first connection is tried again, with a delay that doubles from one second; 0 for never.</summary>
    public int MaxConnectRetryCount { get; set; } = 5;

    public bool DisableHealthChecks { get; set; }

    /// <summary>Accepted for the sake of Aspire's configuration; who listens to the sources <c>RabbitMQ.Client.*</c> decides.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>When false, the connection is made as the host starts instead of at its first use.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
