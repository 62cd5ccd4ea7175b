namespace Shop.Tests.Embedded.Servers;

/// <summary>Tests that start real servers run one after another, and beside nothing else: they would only slow each other down.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NativeServersCollection
{
    public const string Name = "native servers";
}
