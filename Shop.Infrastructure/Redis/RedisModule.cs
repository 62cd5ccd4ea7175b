using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Shop.Infrastructure.Redis;

/// <summary>Redis, for all modules that keep something there.</summary>
public static class RedisModule
{
    /// <summary>The connection <c>cache</c>, once for all who use it.</summary>
    public static void AddCache(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IConnectionMultiplexer)))
            return;
        builder.AddRedisClient("cache", configureOptions: options =>
        {
            // A basket that can't be had now is said so at once; waiting in a queue for Redis helps nobody.
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = 2000;
            options.SyncTimeout = 1000;
            options.AsyncTimeout = 1000;
        });
    }
}
