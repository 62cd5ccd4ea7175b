using System.Collections.ObjectModel;

namespace Embedded.Hosting;

public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;
