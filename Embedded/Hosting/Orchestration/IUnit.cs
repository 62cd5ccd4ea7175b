namespace Embedded.Hosting;

/// <summary>One thing a <see cref="Supervisor"/> keeps alive: a replica of a service, or a server.</summary>
internal interface IUnit
{
    bool HasHealthCheck { get; }

    /// <summary>The end of what the last <see cref="StartAsync"/> started, with its exit code (128 + signal when killed).</summary>
    Task<int> Exited { get; }

    ResourceLog Log { get; }

    /// <summary>Its main process, which leads a group of its own; null when none was ever started.</summary>
    int? ProcessId { get; }

    /// <summary>What the engine gave it beside its own environment, by name.</summary>
    IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Its own address, past the endpoint that all replicas share; null when it has none.</summary>
    string? Url { get; }

    /// <summary>May be called again after each end.</summary>
    /// <exception cref="EmbeddedHostingException">It can't be started; the message says why and what to do.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Null when healthy, otherwise why not.</summary>
    Task<string?> CheckHealthAsync(CancellationToken cancellationToken);

    /// <summary>Tells whoever passes work on to it whether it is healthy.</summary>
    void SetHealth(bool healthy);

    Task StopAsync(TimeSpan grace);

    /// <summary>It has ended by itself.</summary>
    void OnExited();

    void Kill();

    void Suspend();

    void Resume();
}
