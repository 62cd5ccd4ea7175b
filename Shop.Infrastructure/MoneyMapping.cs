using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Shop.Domain;

namespace Shop.Infrastructure;

internal static class MoneyMapping
{
    /// <summary>Two columns: the amount in minor units, and <c>currency</c>.</summary>
    public static void IsMoney(this ComplexPropertyBuilder<Money> builder, string amountColumn)
    {
        builder.Property(money => money.MinorUnits).HasColumnName(amountColumn);
        builder.Property(money => money.Currency).HasColumnName("currency")
            .HasConversion(currency => currency.Code, code => new Currency(code));
    }
}
