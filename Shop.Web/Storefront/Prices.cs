using Shop.Contracts;

namespace Shop.Web.Storefront;

/// <summary>How money is written: the one place that knows.</summary>
public static class Prices
{
    private static readonly Dictionary<string, string> Symbols = new(StringComparer.Ordinal)
    {
        ["EUR"] = "€",
        ["GBP"] = "£",
        ["USD"] = "$",
        ["JPY"] = "¥",
        ["INR"] = "₹",
        ["KRW"] = "₩",
        ["AUD"] = "A$",
        ["CAD"] = "CA$",
        ["NZD"] = "NZ$",
    };

    /// <summary>Currencies of ISO 4217 whose minor unit isn't a hundredth.</summary>
    private static readonly Dictionary<string, int> Decimals = new(StringComparer.Ordinal)
    {
        ["JPY"] = 0,
        ["KRW"] = 0,
        ["ISK"] = 0,
        ["CLP"] = 0,
        ["VND"] = 0,
        ["BHD"] = 3,
        ["KWD"] = 3,
        ["TND"] = 3,
    };

    /// <summary>E.g. <c>€1,299.00</c>, <c>CHF 24.50</c>: English, whatever the machine's own culture is.</summary>
    public static string Format(Money money)
    {
        var amount = MajorUnits(money);
        var number = Math.Abs(amount).ToString("N" + DecimalsOf(money.Currency), CultureInfo.InvariantCulture);
        var symbol = Symbols.TryGetValue(money.Currency, out var sign) ? sign : money.Currency + "\u00a0";
        return (amount < 0 ? "−" : "") + symbol + number;
    }

    /// <summary>19.99 for 1999 EUR.</summary>
    public static decimal MajorUnits(Money money)
    {
        var divisor = 1m;
        for (var digit = 0; digit < DecimalsOf(money.Currency); digit++)
            divisor *= 10;
        return money.Amount / divisor;
    }

    private static int DecimalsOf(string currency) => Decimals.GetValueOrDefault(currency, 2);
}
