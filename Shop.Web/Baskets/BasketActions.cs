using Microsoft.AspNetCore.Mvc;
using Shop.Contracts.Catalog;
using Shop.Web.Api;
using Shop.Web.Storefront;

namespace Shop.Web.Baskets;

/// <summary>What the forms around the basket post to. Each ends with a redirect and a message on the next page.</summary>
public static class BasketActions
{
    private const int MostOfOne = 99;

    public static void MapBasketActions(this IEndpointRouteBuilder routes)
    {
        var basket = routes.MapGroup("/basket").ExcludeFromDescription();
        basket.MapPost("/add", AddAsync);
        basket.MapPost("/update", UpdateAsync);
        basket.MapPost("/remove", RemoveAsync);
        basket.MapPost("/restore", RestoreAsync);
    }

    /// <summary>From a product's page: the variant is named by the values of its options.</summary>
    private static async Task<IResult> AddAsync(
        HttpContext context, ShopClient shop, [FromForm] string slug, [FromForm] string? quantity, CancellationToken cancellationToken)
    {
        var productPage = $"/product/{Uri.EscapeDataString(slug)}";
        if (await shop.FindProductAsync(slug, cancellationToken) is not { } product)
        {
            return Problem(context, "This product is no longer in the shop.", "/products");
        }

        var chosen = product.Options.Select((_, index) => context.Request.Form[$"option{index}"].ToString()).ToArray();
        if (product.Variants.FirstOrDefault(variant => variant.Options.SequenceEqual(chosen)) is not { } variant)
        {
            return Problem(context, "That combination isn't made. Please choose another one.", productPage);
        }

        var backToVariant = product.Variants.Count > 1 ? $"{productPage}?variant={Uri.EscapeDataString(variant.Sku)}" : productPage;
        if (!TryReadQuantity(quantity, out var wanted))
            return Problem(context, QuantityRule, backToVariant);

        var name = NameOf(product, variant);
        var inBasket = await QuantityInBasketAsync(context, shop, variant.Sku, cancellationToken);
        if (variant.Available == 0)
            return Problem(context, $"{name} is sold out.", backToVariant);
        if (inBasket + wanted > variant.Available)
        {
            return Problem(context, NotEnough(name, variant.Available, inBasket), backToVariant);
        }

        if (inBasket + wanted > MostOfOne)
            return Problem(
            context, $"You have {inBasket} of these in your basket; {MostOfOne} is the most we sell at once.", backToVariant);
        return await TryAsync(context, backToVariant, async () =>
        {
            await shop.SetBasketItemAsync(BasketCookie.FindOrCreate(context), variant.Sku, inBasket + wanted, cancellationToken);
            NoticeCookie.Set(context, new Notice($"Added {name} to your basket.", ShowBasketLink: true));
        });
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext context, ShopClient shop, [FromForm] string sku, [FromForm] string? quantity, CancellationToken cancellationToken)
    {
        if (quantity?.Trim() == "0")
            return await RemoveAsync(context, shop, sku, cancellationToken);
        if (!TryReadQuantity(quantity, out var wanted))
            return Problem(context, QuantityRule, "/basket");
        return await TryAsync(context, "/basket", async () =>
        {
            await shop.SetBasketItemAsync(BasketCookie.FindOrCreate(context), sku, wanted, cancellationToken);
            NoticeCookie.Set(context, new Notice("Your basket is up to date."));
        });
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context, ShopClient shop, [FromForm] string sku, CancellationToken cancellationToken)
    {
        if (BasketCookie.Find(context) is not { } id)
            return Results.Redirect("/basket");
        return await TryAsync(context, "/basket", async () =>
        {
            var line = (await shop.FindBasketAsync(id, cancellationToken))?.Lines.FirstOrDefault(line => line.Sku == sku);
            await shop.RemoveBasketItemAsync(id, sku, cancellationToken);
            if (line is not null)
                NoticeCookie.Set(
                context, new Notice($"Removed {line.Name} from your basket.", UndoSku: line.Sku, UndoQuantity: line.Quantity));
        });
    }

    /// <summary>Undoes a removal.</summary>
    private static async Task<IResult> RestoreAsync(
        HttpContext context, ShopClient shop, [FromForm] string sku, [FromForm] string? quantity, CancellationToken cancellationToken)
    {
        if (!TryReadQuantity(quantity, out var wanted))
            return Problem(context, QuantityRule, "/basket");
        return await TryAsync(context, "/basket", async () =>
        {
            await shop.SetBasketItemAsync(BasketCookie.FindOrCreate(context), sku, wanted, cancellationToken);
            NoticeCookie.Set(context, new Notice("It's back in your basket."));
        });
    }

    private static readonly string QuantityRule = $"A quantity is a whole number from 1 to {MostOfOne}.";

    private static bool TryReadQuantity(string? text, out int quantity) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out quantity)
        && quantity is >= 1 and <= MostOfOne;

    private static async Task<int> QuantityInBasketAsync(
        HttpContext context, ShopClient shop, string sku, CancellationToken cancellationToken)
    {
        if (BasketCookie.Find(context) is not { } id || await shop.FindBasketAsync(id, cancellationToken) is not { } basket)
            return 0;
        return basket.Lines.FirstOrDefault(line => line.Sku == sku)?.Quantity ?? 0;
    }

    private static string NameOf(ProductDetails product, ProductVariant variant) =>
        product.Variants.Count > 1 ? $"{product.Name} ({string.Join(", ", variant.Options)})" : product.Name;

    private static string NotEnough(string name, int available, int inBasket) => inBasket == 0
        ? $"Only {available} of {name} left: please take fewer."
        : $"Only {available} of {name} left, and {inBasket} of them {(inBasket == 1 ? "is" : "are")} in your basket already.";

    /// <summary>A refusal of the API becomes a message on the page that the visitor came from.</summary>
    private static async Task<IResult> TryAsync(HttpContext context, string next, Func<Task> action)
    {
        try
        {
            await action();
            return Results.Redirect(next);
        }
        catch (ShopRefusedException refusal)
        {
            return Problem(context, refusal.Problem.Errors?.Values.FirstOrDefault()?.FirstOrDefault() ?? refusal.Message, next);
        }
    }

    private static IResult Problem(HttpContext context, string sentence, string next)
    {
        NoticeCookie.Set(context, new Notice(sentence, IsProblem: true));
        return Results.Redirect(next);
    }
}
