namespace Shop.Tests.LocalServers;

/// <summary>Tests that run applications go one after another and beside nothing else: two processors are just enough for one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostCollection
{
    public const string Name = "hosts";
}
