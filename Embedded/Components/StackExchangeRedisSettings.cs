namespace Embedded.Components;

/// <summary>How Redis is reached; bound from <c>Aspire:StackExchange:Redis</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>StackExchange.Redis's configuration string, as <c>host:port,password=…</c>; <c>ConnectionStrings:{name}</c> goes before it.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>No spans of commands.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>When false, the connection is made as the host starts instead of at its first use.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
