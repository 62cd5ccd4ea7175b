using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Embedded.Hosting;

internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
{
    public bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource)
    {
        resource = this.FirstOrDefault(candidate => string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase));
        return resource is not null;
    }

    protected override void InsertItem(int index, IResource item)
    {
        if (TryGetByName(item.Name, out _))
        {
            throw new InvalidOperationException($"There is already a resource named '{item.Name}'; names are unique, whatever their case.");
        }

        base.InsertItem(index, item);
    }
}
