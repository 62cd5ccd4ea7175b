using System.Diagnostics.CodeAnalysis;

namespace Embedded.Hosting;

public interface IResourceCollection : IList<IResource>
{
    bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource);
}
