using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace Shop.Web.DataProtection;

public static class SharedDataProtection
{
    private static readonly RedisKey Keys = "shop:web:keys";

    /// <summary>
    /// The keys behind antiforgery tokens lie in Redis, so that a form served by one replica is accepted by all.
    /// Without Redis the pages still render: keys are remembered in memory and written down once it is back.
    /// </summary>
    public static void AddSharedDataProtection(this WebApplicationBuilder builder)
    {
        var protection = builder.Services.AddDataProtection().SetApplicationName("shop-web");
        // One process alone needs no shared place; that is how the pages are worked on without any server.
        if (builder.Configuration.GetConnectionString("cache") is null)
            return;

        builder.AddRedisClient("cache", configureOptions: options =>
        {
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
        });
        builder.Services.AddOptions<KeyManagementOptions>().Configure<IConnectionMultiplexer, ILogger<RememberedKeys>>(
            (options, redis, logger) =>
                options.XmlRepository = new RememberedKeys(new RedisXmlRepository(() => redis.GetDatabase(), Keys), logger));
        builder.Services.AddSingleton<IKeyManager, FreshKeyManager>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        protection.SetDefaultKeyLifetime(TimeSpan.FromDays(90));
    }
}
