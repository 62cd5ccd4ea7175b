namespace Shop.Tests.Distributed;

/// <summary>
/// Tests of the running shop go one after another and beside nothing else: they measure answers and kill processes,
/// and two processors are just enough for the one shop.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunningShopCollection : ICollectionFixture<RunningShop>
{
    public const string Name = "running shop";
}
