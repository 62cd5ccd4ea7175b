using Shop.Contracts.Baskets;
using Shop.Web.Api;

namespace Shop.Web.Baskets;

/// <summary>The visitor's basket, asked for once a request however many parts of the page show it.</summary>
public sealed class CurrentBasket(ShopClient shop, IHttpContextAccessor accessor, ILogger<CurrentBasket> logger)
{
    private Task<Basket?>? _basket;

    /// <returns><see langword="null"/> when the visitor has none yet.</returns>
    public Task<Basket?> GetAsync()
    {
        var context = accessor.HttpContext
            ?? throw new InvalidOperationException("The visitor's basket is known only while a request is served.");
        return _basket ??= BasketCookie.Find(context) is { } id
            ? shop.FindBasketAsync(id, context.RequestAborted)
            : Task.FromResult<Basket?>(null);
    }

    /// <summary>For the header of every page, which must not fail for it.</summary>
    /// <returns><see langword="null"/> when it can't be known now.</returns>
    public async Task<int?> CountAsync()
    {
        try
        {
            return (await GetAsync())?.ItemCount ?? 0;
        }
        catch (Exception exception) when (exception is ShopUnavailableException or ShopRefusedException)
        {
            logger.BasketCountNotShown(exception.Message);
            return null;
        }
    }
}
