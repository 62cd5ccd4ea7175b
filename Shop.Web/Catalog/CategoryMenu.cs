using Microsoft.Extensions.Caching.Memory;
using Shop.Contracts.Catalog;
using Shop.ServiceDefaults;
using Shop.Web.Api;

namespace Shop.Web.Catalog;

/// <summary>The categories, kept for a minute: every page shows them, and they hardly change.</summary>
public sealed class CategoryMenu(ShopClient shop, IMemoryCache cache, ILogger<CategoryMenu> logger)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Categories that have products. An older answer, or none, when the shop can't be reached: a page must not fail for its menu.
    /// </summary>
    public async Task<IReadOnlyList<Category>> GetAsync(CancellationToken cancellationToken)
    {
        var isKnown = cache.TryGetValue(nameof(CategoryMenu), out IReadOnlyList<Category>? fresh);
        CachingTelemetry.Count("category-menu", isKnown ? CacheResult.Hit : CacheResult.Miss);
        if (isKnown && fresh is not null)
            return fresh;
        try
        {
            var categories = await shop.GetCategoriesAsync(cancellationToken);
            IReadOnlyList<Category> shown = [.. categories.Where(category => category.ProductCount > 0)];
            cache.Set(nameof(CategoryMenu), shown, Fresh);
            cache.Set("last " + nameof(CategoryMenu), shown);
            return shown;
        }
        catch (Exception exception) when (exception is ShopUnavailableException or ShopRefusedException)
        {
            logger.CategoriesOutdated(exception.Message);
            var last = cache.Get<IReadOnlyList<Category>>("last " + nameof(CategoryMenu)) ?? [];
            // Not asked again by every page while the shop is down: each would wait for the time-out.
            return cache.Set(nameof(CategoryMenu), last, RetryAfterFailure);
        }
    }
}
