namespace Embedded.Hosting;

/// <summary>Brings one resource of the model to life.</summary>
internal abstract class ResourceRunner(IResource resource) : IDisposable
{
    public IResource Resource { get; } = resource;

    /// <summary>One per replica; none where nothing of its own runs.</summary>
    public abstract IReadOnlyList<Supervisor> Supervisors { get; }

    /// <summary>Completes when all of it is healthy, or, for what runs once, has ended well.</summary>
    /// <exception cref="EmbeddedHostingException">It failed.</exception>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    public abstract Task StopAsync(TimeSpan grace);

    public abstract void Kill();

    public abstract void Dispose();
}
