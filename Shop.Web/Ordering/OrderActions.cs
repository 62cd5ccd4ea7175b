using Microsoft.AspNetCore.Antiforgery;
using Shop.Web.Api;
using Shop.Web.Storefront;

namespace Shop.Web.Ordering;

public static class OrderActions
{
    public static void MapOrderActions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/orders/{id:guid}/cancel", CancelAsync).WithMetadata(new RequireAntiforgeryTokenAttribute()).ExcludeFromDescription();

    private static async Task<IResult> CancelAsync(HttpContext context, ShopClient shop, Guid id, CancellationToken cancellationToken)
    {
        if (OrderTokenCookie.Find(context, id) is not { } token) return Results.NotFound();
        try
        {
            await shop.CancelOrderAsync(id, token, cancellationToken);
            Flash.Set(context, new FlashMessage("Your order is cancelled."));
        }
        catch (ShopRefusedException refusal)
        {
            Flash.Set(context, new FlashMessage(refusal.Message, IsProblem: true));
        }

        return Results.Redirect($"/orders/{id}");
    }
}
