using System.Diagnostics.CodeAnalysis;

namespace Shop.Tests.Audit;

/// <summary>A seeded database, made once for the tests of a class.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class SeededShopFixture(RunningServers servers) : IAsyncLifetime
{
    private SeededShop? _shop;

    internal SeededShop Shop => _shop!;

    public async ValueTask InitializeAsync() => _shop = await SeededShop.CreateAsync(servers);

    public async ValueTask DisposeAsync()
    {
        if (_shop is not null)
            await _shop.DropAsync();
    }
}
