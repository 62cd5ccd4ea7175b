namespace Shop.Web.Ordering;

/// <summary>Where parcels go.</summary>
/// <param name="Code">ISO 3166-1 alpha-2.</param>
public sealed record Country(string Code, string Name)
{
    private static readonly string[] Codes =
    [
        "AT", "AU", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
        "JP", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "SG", "SI", "SK", "US",
    ];

    public static IReadOnlyList<Country> All { get; } =
        [.. Codes.Select(code => new Country(code, new RegionInfo(code).EnglishName))
            .OrderBy(country => country.Name, StringComparer.Ordinal)];

    public static string NameOf(string? code) => All.FirstOrDefault(country => country.Code == code)?.Name ?? code ?? "";
}
