namespace Shop.Domain;

/// <summary>An exact amount of money. Never a floating-point number: cents don't get lost in the sum.</summary>
/// <param name="MinorUnits">The amount in the currency's minor unit: 1999 is 19.99 EUR.</param>
public readonly record struct Money(long MinorUnits, Currency Currency)
{
    public static Money Zero(Currency currency) => new(0, currency);

    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    /// <exception cref="OverflowException">The sum doesn't fit 64 bits.</exception>
    public static Money operator +(Money left, Money right) =>
        new(checked(left.MinorUnits + right.SameCurrencyAs(left).MinorUnits), left.Currency);

    /// <inheritdoc cref="op_Addition"/>
    public static Money operator -(Money left, Money right) =>
        new(checked(left.MinorUnits - right.SameCurrencyAs(left).MinorUnits), left.Currency);

    /// <exception cref="OverflowException">The product doesn't fit 64 bits.</exception>
    public static Money operator *(Money unitPrice, int quantity) =>
        unitPrice with { MinorUnits = checked(unitPrice.MinorUnits * quantity) };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{MinorUnits / 100m:0.00} {Currency}");

    private Money SameCurrencyAs(Money other) =>
        Currency == other.Currency
            ? this
            : throw new InvalidOperationException($"{this} and {other} are of different currencies and can't be added up.");
}
