using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.Infrastructure.Redis;

namespace Shop.Infrastructure.Promotions;

/// <summary>What flash sales bring.</summary>
public static class PromotionsModule
{
    /// <summary>Flash sales: planning them, knowing which run, and the gate in front of the intake.</summary>
    public static void AddFlashSales(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddGateLevels();
        builder.Services.TryAddSingleton<ActiveSales>();
        builder.Services.AddSingleton<FlashSales>();
        builder.Services.AddSingleton<AcceptedKeyLog>();
        builder.Services.AddSingleton<StockGate>();
        builder.Services.AddHostedService<ActiveSalesWatch>();
    }

    /// <summary>Telling the gate what is left, for those who change it.</summary>
    public static void AddGateLevels(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCache();
        builder.Services.TryAddSingleton(GateTimings.Default);
        builder.Services.TryAddSingleton<RedisGate>();
        builder.Services.TryAddSingleton<StockLevelCache>();
    }
}
