using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Infrastructure.Redis;

namespace Shop.Infrastructure.Baskets;

/// <summary>What baskets bring.</summary>
public static class BasketsModule
{
    /// <summary>Redis, and the baskets that live in it.</summary>
    public static void AddBaskets(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCache();
        builder.Services.AddSingleton<BasketStore>();
    }
}
