using Microsoft.Extensions.Logging;
using Shop.Domain.Baskets;
using Shop.Infrastructure.Baskets;
using Shop.Infrastructure.Promotions;
using StackExchange.Redis;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// The way of an order to its intake. A flash sale's gate stands before it, so that it costs nothing to refuse most of those who come
/// to one; and a basket is ordered once, as its customer saw it, and emptied by that.
/// </summary>
public sealed class Checkout(StockGate gate, OrderIntake intake, BasketStore baskets, ILogger<Checkout> logger)
{
    /// <param name="request">
    /// What is ordered; of a basket neither pieces nor, where the customer saw no version of it, the version.
    /// </param>
    /// <param name="basketId">The basket that is ordered, if one is.</param>
    /// <exception cref="GroupCommitFullException">Too many orders wait already.</exception>
    /// <exception cref="RedisException">The basket can't be read.</exception>
    public async Task<IntakeResult> PlaceAsync(OrderRequest request, Guid? basketId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (basketId is not { } id)
            return await PlaceAsync(request, cancellationToken);

        // A basket is emptied when it is ordered: what was answered then counts, not what is in it now.
        if (await intake.FindAsync(request.IdempotencyKey, request.Hash, cancellationToken) is { } known)
            return known;
        var basket = await baskets.GetAsync(id);
        var version = request.BasketVersion ?? basket.Version;
        if (basket.IsEmpty || version != basket.Version)
            return await OtherBasketAsync(request, basket, version, cancellationToken);

        request = request with { Quantities = basket.Quantities, BasketVersion = version };
        var result = await PlaceAsync(request, cancellationToken);
        if (result is IntakeResult.Accepted or IntakeResult.BasketOrdered)
            await TakeOutAsync(id, request, isFirst: result is IntakeResult.Accepted { Replayed: false });
        return result;
    }

    private async Task<IntakeResult> PlaceAsync(OrderRequest request, CancellationToken cancellationToken) =>
        await gate.RefusedAsync(request.Quantities, request.IdempotencyKey, cancellationToken) is { Count: > 0 } soldOut
            ? Refused(RefusalReason.SoldOut, new IntakeResult.SoldOut(soldOut))
            : await intake.PlaceAsync(request, cancellationToken);

    /// <summary>What is in the basket isn't what the customer saw, or it is nothing.</summary>
    private async Task<IntakeResult> OtherBasketAsync(
        OrderRequest request, Basket basket, Guid? version, CancellationToken cancellationToken)
    {
        // Between the two looks the same order may have been taken, by a double click.
        if (await intake.FindAsync(request.IdempotencyKey, request.Hash, cancellationToken) is { } meanwhile)
            return meanwhile;
        if (version is { } asked && await intake.FindOrderOfAsync(asked, cancellationToken) is { } first)
            return Refused(RefusalReason.BasketOrdered, new IntakeResult.BasketOrdered(first));
        return basket.IsEmpty && request.BasketVersion is null
            ? Refused(RefusalReason.Invalid, new IntakeResult.BasketEmpty())
            : Refused(RefusalReason.BasketChanged, new IntakeResult.BasketChanged());
    }

    /// <param name="isFirst">Whether this request has made the order; otherwise nothing is taken but a basket that was left full.</param>
    private async Task TakeOutAsync(Guid basketId, OrderRequest ordered, bool isFirst)
    {
        try
        {
            await baskets.TakeAsync(basketId, ordered.BasketVersion, isFirst ? ordered.Quantities : new Dictionary<string, int>());
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // The order stands; a basket left full is an annoyance, not a loss, and can't be ordered again.
            logger.BasketNotEmptied(failure.Message);
        }
    }

    /// <summary>The intake counts what it refuses itself; what doesn't get as far is counted here.</summary>
    private static IntakeResult Refused(RefusalReason reason, IntakeResult result)
    {
        OrderingTelemetry.Refused(reason);
        return result;
    }
}
