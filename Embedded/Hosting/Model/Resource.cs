namespace Embedded.Hosting;

public abstract class Resource : IResource
{
    /// <exception cref="ArgumentException">The name isn't 1 to 64 ASCII letters, digits and hyphens beginning with a letter.</exception>
    protected Resource(string name)
    {
        if (!IsValidName(name))
        {
            throw new ArgumentException(
                $"'{name}' can't be a resource's name: it needs 1 to 64 letters, digits and single hyphens, and begins with a letter.", nameof(name));
        }

        Name = name;
    }

    public virtual string Name { get; }

    public virtual ResourceAnnotationCollection Annotations { get; } = [];

    private static bool IsValidName(string name) =>
        name is { Length: > 0 and <= 64 }
        && char.IsAsciiLetter(name[0])
        && !name.EndsWith('-')
        && !name.Contains("--", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
