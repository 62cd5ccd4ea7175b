namespace Embedded.Hosting;

/// <summary>A value that is known only once the application runs, such as a port or a generated password.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}
