namespace Shop.Tests.Distributed;

/// <summary>Beside nothing else, as with <see cref="RunningShopCollection"/>, but with a shop of its own: what is checked is the whole database.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosRoundCollection
{
    public const string Name = "chaos rounds";
}
