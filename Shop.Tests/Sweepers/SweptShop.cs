using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.Infrastructure.Ordering;
using Shop.Tests.Audit;
using Shop.Worker.Sweepers;

namespace Shop.Tests.Sweepers;

/// <summary>A process that could sweep a seeded shop, without the broker: events stay in the outbox, where tests see them.</summary>
internal sealed class SweptShop : IAsyncDisposable
{
    private readonly IHost _host;

    private SweptShop(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    [SuppressMessage("Reliability", "CA2000", Justification = "The host belongs to the one who asked for it.")]
    public static SweptShop Build(SeededShop shop, Action<IServiceCollection>? change = null, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:shopdb"] = shop.ConnectionString,
            // Nobody listens there: sweeping goes on without the gate.
            ["ConnectionStrings:cache"] = "127.0.0.1:1",
            ["Sweepers:Pulse"] = "00:00:00.05",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddMetrics().AddLogging();
        builder.AddShopDatabase();
        builder.AddMessagingAdministration();
        builder.AddPayments();
        builder.AddOrderTransitions();
        builder.AddSweepers();
        change?.Invoke(builder.Services);
        return new SweptShop(builder.Build());
    }

    /// <summary>One sweep of one sweeper.</summary>
    /// <returns>How many it mended.</returns>
    public Task<int> SweepAsync(string sweeper) =>
        Services.GetServices<Sweeper>().Single(candidate => candidate.Name == sweeper).SweepAsync(TestContext.Current.CancellationToken);

    /// <summary>From now on this process sweeps whenever it has its turn.</summary>
    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        switch (_host)
        {
            case IAsyncDisposable host:
                await host.DisposeAsync();
                break;
            default:
                _host.Dispose();
                break;
        }
    }
}
