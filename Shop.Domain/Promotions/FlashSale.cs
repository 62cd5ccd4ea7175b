using Shop.Domain.Catalog;

namespace Shop.Domain.Promotions;

/// <summary>
/// For a while some SKUs are sold by the sale alone: at its price, up to its quantity, so much to a customer.
/// Before and after it they are sold as ever.
/// </summary>
/// <param name="EndsAt">The first moment at which it is over; the start of one that was called off.</param>
public sealed record FlashSale(Guid Id, string Name, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<FlashSaleItem> Items)
{
    public const int MaxNameLength = 100;

    /// <summary>A flash sale of more SKUs than a customer can look through in it is a price list.</summary>
    public const int MaxItems = 100;

    /// <summary>Days; what lasts longer is no flash sale, mostly it is a typing error in a date.</summary>
    public const int MaxDays = 31;

    /// <summary>A new sale, of which nothing is taken.</summary>
    /// <exception cref="ArgumentException">The name, the period, an item or a number is not one of a sale.</exception>
    public static FlashSale Plan(Guid id, string name, DateTimeOffset startsAt, DateTimeOffset endsAt, IReadOnlyList<FlashSaleItem> items)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(items);
        if (name.Length > MaxNameLength)
            throw new ArgumentException($"A sale's name has {MaxNameLength} characters at most.", nameof(name));
        if (!IsPeriod(startsAt, endsAt))
            throw new ArgumentException(
                $"A sale starts before it ends and lasts {MaxDays} days at most, not from {startsAt:u} to {endsAt:u}.", nameof(endsAt));
        if (items.Count is 0 or > MaxItems)
            throw new ArgumentException($"A sale has 1 to {MaxItems} items, not {items.Count}.", nameof(items));
        if (items.FirstOrDefault(item => !Sku.IsValid(item.Sku)
            || item is not { Price.MinorUnits: >= 0, Quantity: > 0, LimitPerCustomer: > 0, Taken: 0 }) is { } wrong)
            throw new ArgumentException($"This can't be an item of a new sale: {wrong}.", nameof(items));
        if (items.DistinctBy(item => item.Sku, StringComparer.Ordinal).Count() != items.Count)
            throw new ArgumentException("A SKU stands in a sale once.", nameof(items));
        return new FlashSale(id, name, startsAt, endsAt, items);
    }

    /// <summary>Whether a sale may last from here to there.</summary>
    public static bool IsPeriod(DateTimeOffset startsAt, DateTimeOffset endsAt) =>
        startsAt < endsAt && endsAt - startsAt <= TimeSpan.FromDays(MaxDays);

    /// <summary>
    /// Whom a limit per customer counts together: a mailbox however it is written, in other letters that look the same, with what can't
    /// be seen, with a tag (RFC 5233), quotes or a root domain's dot, and where dots mean nothing with them.
    /// </summary>
    public static string CustomerOf(string email)
    {
        ArgumentNullException.ThrowIfNull(email);
        var plain = new string([.. email.Normalize(NormalizationForm.FormKD).Where(IsWritten)]).ToLowerInvariant();
        var at = plain.LastIndexOf('@');
        if (at < 0)
            return plain;
        var (mailbox, host) = (plain[..at].Trim('"'), plain[(at + 1)..].TrimEnd('.'));
        if (mailbox.IndexOf('+', StringComparison.Ordinal) is > 0 and var tag)
            mailbox = mailbox[..tag];
        return host is "gmail.com" or "googlemail.com"
            ? $"{mailbox.Replace(".", "", StringComparison.Ordinal)}@gmail.com"
            : $"{mailbox}@{host}";

        static bool IsWritten(char character) => !char.IsWhiteSpace(character) && !char.IsControl(character)
            && CharUnicodeInfo.GetUnicodeCategory(character) is not (UnicodeCategory.Format or UnicodeCategory.NonSpacingMark);
    }

    public bool IsRunning(DateTimeOffset now) => StartsAt <= now && now < EndsAt;

    public bool IsOver(DateTimeOffset now) => EndsAt <= now || EndsAt == StartsAt;
}

/// <summary>A SKU in a flash sale.</summary>
/// <param name="Price">What a piece costs while the sale runs.</param>
/// <param name="Quantity">Pieces the sale sells, at least 1.</param>
/// <param name="LimitPerCustomer">Pieces a customer may buy over all orders of the sale, at least 1.</param>
/// <param name="Taken">Pieces sold and not given back; between 0 and <paramref name="Quantity"/>.</param>
public sealed record FlashSaleItem(string Sku, Money Price, int Quantity, int LimitPerCustomer, int Taken = 0)
{
    /// <summary>Pieces the sale has left; the stock may have fewer.</summary>
    public int Left => Quantity - Taken;

    /// <param name="quantity">Pieces wanted, at least 1.</param>
    /// <param name="alreadyBought">Pieces the customer has of this sale, those given back left out.</param>
    public SaleVerdict Allows(int quantity, int alreadyBought)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quantity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(alreadyBought);
        return quantity > Left ? SaleVerdict.SoldOut
            : quantity > LimitPerCustomer - alreadyBought ? SaleVerdict.OverLimit
            : SaleVerdict.Allowed;
    }
}

/// <summary>What a flash sale says to so many pieces for a customer.</summary>
public enum SaleVerdict
{
    Allowed,

    /// <summary>The sale has fewer pieces left.</summary>
    SoldOut,

    /// <summary>The sale has them, but this customer would have more than each may buy.</summary>
    OverLimit,
}
