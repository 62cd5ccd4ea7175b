using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Shop.Contracts.Ordering;
using Shop.Web.Api;
using Shop.Web.Baskets;
using Shop.Web.Storefront;

namespace Shop.Web.Ordering;

/// <summary>What the forms on an order's page post to. Each ends with a redirect.</summary>
public static class OrderActions
{
    public static void MapOrderActions(this IEndpointRouteBuilder routes)
    {
        var order = routes.MapGroup("/orders/{id:guid}").WithMetadata(new RequireAntiforgeryTokenAttribute()).ExcludeFromDescription();
        order.MapPost("/cancel", CancelAsync);
        order.MapPost("/payments", PayAsync);
        order.MapPost("/reorder", ReorderAsync);
    }

    private static Task<IResult> CancelAsync(HttpContext context, ShopClient shop, Guid id, CancellationToken cancellationToken) =>
        TryAsync(context, id, async token =>
        {
            await shop.CancelOrderAsync(id, token, cancellationToken);
            NoticeCookie.Set(context, new Notice("Your order is cancelled."));
        });

    /// <summary>The page itself tells what comes of it.</summary>
    private static Task<IResult> PayAsync(
        HttpContext context, ShopClient shop, Guid id, [FromForm] string? card, CancellationToken cancellationToken) =>
        TryAsync(context, id, token => shop.PayOrderAsync(id, token, new PaymentChoice("card", card), cancellationToken));

    /// <summary>Puts an order that is off into the basket again, as far as it is to be had, and its address into the form.</summary>
    private static async Task<IResult> ReorderAsync(
        HttpContext context, ShopClient shop, FilledForm filled, Guid id, CancellationToken cancellationToken)
    {
        if (OrderTokenCookie.Find(context, id) is not { } token || await shop.FindOrderAsync(id, token, cancellationToken) is not { } order)
            return Results.NotFound();
        var basketId = BasketCookie.FindOrCreate(context);
        var there = await shop.FindBasketAsync(basketId, cancellationToken);
        var inBasket = there?.Lines.ToDictionary(line => line.Sku, line => line.Quantity) ?? [];
        var missing = new List<string>();
        foreach (var line in order.Lines)
        {
            try
            {
                var quantity = Math.Max(line.Quantity, inBasket.GetValueOrDefault(line.Sku));
                if (await shop.SetBasketItemAsync(basketId, line.Sku, quantity, cancellationToken) is null)
                    missing.Add(line.Name);
            }
            catch (ShopRefusedException)
            {
                missing.Add(line.Name);
            }
        }

        filled.Set(context, order);
        var sentence = missing.Count == 0
            ? "It's all back in your basket."
            : $"Not to be had any more: {string.Join(", ", missing)}. Whatever else there was is back in your basket.";
        NoticeCookie.Set(context, new Notice(sentence, IsProblem: missing.Count > 0, ShowBasketLink: true));
        return Results.Redirect(missing.Count == order.Lines.Count ? "/basket" : "/checkout");
    }

    private static async Task<IResult> TryAsync(HttpContext context, Guid id, Func<string, Task> action)
    {
        if (OrderTokenCookie.Find(context, id) is not { } token)
            return Results.NotFound();
        try
        {
            await action(token);
        }
        catch (ShopRefusedException refusal)
        {
            var sentence = refusal.Problem.Errors?.Values.FirstOrDefault()?.FirstOrDefault() ?? refusal.Message;
            NoticeCookie.Set(context, new Notice(sentence, IsProblem: true));
        }

        return Results.Redirect($"/orders/{id}");
    }
}
