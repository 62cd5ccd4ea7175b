using System.Diagnostics.CodeAnalysis;

namespace Shop.Tests.Audit;

/// <summary>A seeded database beside the running shop's own, made once for the tests of a class.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class SeededShopFixture(RunningShop shop) : IAsyncLifetime
{
    private SeededShop? _shop;

    internal SeededShop Shop => _shop!;

    public async ValueTask InitializeAsync() =>
        _shop = await SeededShop.CreateAsync((await shop.App.GetConnectionStringAsync("shopdb", TestContext.Current.CancellationToken))!);

    public async ValueTask DisposeAsync()
    {
        if (_shop is not null)
            await _shop.DropAsync();
    }
}
