using Shop.Domain.Catalog;

namespace Shop.Domain.Promotions;

/// <summary>
/// For a while some SKUs are sold by the sale alone: at its price, up to its quantity, so much to a customer.
/// Before and after it they are sold as ever.
/// </summary>
public sealed record FlashSale
{
    public const int MaxNameLength = 100;

    /// <summary>A flash sale of more SKUs than a customer can look through in it is a price list.</summary>
    public const int MaxItems = 100;

    /// <summary>What lasts longer is no flash sale; mostly it is a typing error in a date.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(31);

    private FlashSale()
    {
    }

    public Guid Id { get; private init; }

    public string Name { get; private init; } = "";

    public DateTimeOffset StartsAt { get; private init; }

    /// <summary>The first moment at which it is over.</summary>
    public DateTimeOffset EndsAt { get; private init; }

    public IReadOnlyList<FlashSaleItem> Items { get; private init; } = [];

    /// <exception cref="ArgumentException">The period, an item or a number is not one of a sale.</exception>
    public static FlashSale Plan(Guid id, string name, DateTimeOffset startsAt, DateTimeOffset endsAt, IReadOnlyList<FlashSaleItem> items)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(items);
        if (name.Length > MaxNameLength)
            throw new ArgumentException($"A sale's name has {MaxNameLength} characters at most.", nameof(name));
        if (!IsPeriod(startsAt, endsAt))
            throw new ArgumentException($"A sale starts before it ends and lasts {MaxDuration.TotalDays:0} days at most, not from {startsAt:u} to {endsAt:u}.", nameof(endsAt));
        if (items.Count is 0 or > MaxItems)
            throw new ArgumentException($"A sale has 1 to {MaxItems} items, not {items.Count}.", nameof(items));
        if (items.FirstOrDefault(item => !IsItem(item)) is { } wrong)
            throw new ArgumentException($"This can't be an item of a sale: {wrong}.", nameof(items));
        if (items.DistinctBy(item => item.Sku, StringComparer.Ordinal).Count() != items.Count)
            throw new ArgumentException("A SKU stands in a sale once.", nameof(items));
        return new FlashSale { Id = id, Name = name, StartsAt = startsAt, EndsAt = endsAt, Items = items };
    }

    /// <summary>Whether a sale may last from here to there.</summary>
    public static bool IsPeriod(DateTimeOffset startsAt, DateTimeOffset endsAt) => startsAt < endsAt && endsAt - startsAt <= MaxDuration;

    /// <summary>Whom a limit per customer counts together: an e-mail address however it is written.</summary>
    public static string CustomerOf(string email)
    {
        ArgumentNullException.ThrowIfNull(email);
        return email.Trim().ToLowerInvariant();
    }

    public bool IsRunning(DateTimeOffset now) => StartsAt <= now && now < EndsAt;

    public bool IsOver(DateTimeOffset now) => EndsAt <= now;

    /// <summary>The SKUs that both would sell at the same time; two sales that share one can't both be.</summary>
    public IEnumerable<string> ClashesWith(FlashSale other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return StartsAt < other.EndsAt && other.StartsAt < EndsAt
            ? Items.Select(item => item.Sku).Intersect(other.Items.Select(item => item.Sku), StringComparer.Ordinal)
            : [];
    }

    private static bool IsItem(FlashSaleItem item) =>
        Sku.IsValid(item.Sku) && item is { Price.MinorUnits: >= 0, Quantity: > 0, LimitPerCustomer: > 0, Taken: >= 0, Left: >= 0 };
}
