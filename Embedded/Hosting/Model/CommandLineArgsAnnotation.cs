namespace Embedded.Hosting;

/// <summary>Command-line arguments: strings or <see cref="IValueProvider"/>s.</summary>
internal sealed class CommandLineArgsAnnotation(IReadOnlyList<object> arguments) : IResourceAnnotation
{
    public IReadOnlyList<object> Arguments { get; } = arguments;
}
