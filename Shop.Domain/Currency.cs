namespace Shop.Domain;

/// <summary>An ISO 4217 currency code. Two amounts can only be added when theirs are the same.</summary>
public readonly record struct Currency
{
    private readonly string? _code;

    /// <param name="code">Three letters; kept in capitals.</param>
    /// <exception cref="ArgumentException">It is not three ASCII letters.</exception>
    public Currency(string code)
    {
        if (code is not { Length: 3 } || !code.All(char.IsAsciiLetter))
            throw new ArgumentException($"'{code}' is not a currency code: three letters such as EUR are (ISO 4217).", nameof(code));
        _code = code.ToUpperInvariant();
    }

    public static Currency Eur { get; } = new("EUR");

    public string Code => _code ?? "EUR";

    public override string ToString() => Code;
}
