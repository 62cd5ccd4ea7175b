using CsvHelper;
using Ganss.Xss;
using Shop.Contracts.Catalog;
using Shop.Domain.Catalog;
using Shop.Domain.Inventory;

namespace Shop.Infrastructure.Catalog;

/// <summary>
/// Reads products in the CSV format that Shopify exports: a product is one or more rows with the same handle,
/// the first with its texts, each with a variant, a further picture, or both.
/// </summary>
public sealed class ProductCsv
{
    private const int MaxNameLength = 200;
    private const int MaxRecordBytes = 1 << 20;
    private const string DefaultTitle = "Default Title";

    private static readonly string[] Needed = ["Handle", "Title", "Variant SKU", "Variant Price"];

    /// <summary>Elements whose text is code, not words: it goes with them.</summary>
    private static readonly HashSet<string> Wordless = new(StringComparer.OrdinalIgnoreCase)
    {
        "script", "style", "iframe", "object", "noscript", "template", "title", "textarea",
    };

    private static readonly HtmlSanitizer Sanitizer = CreateSanitizer();

    private readonly List<ImportFault> _faults = [];
    private readonly Dictionary<string, int> _lineOfSku = new(StringComparer.Ordinal);

    private ProductCsv()
    {
    }

    /// <summary>Reads a whole file. Rows with faults are left out and reported; the others are returned.</summary>
    /// <exception cref="UnreadableCatalogException">It is no such file at all.</exception>
    public static (IReadOnlyList<ImportedProduct> Products, IReadOnlyList<ImportFault> Faults) Read(TextReader text)
    {
        var file = new ProductCsv();
        var products = file.Products(Rows(text, file._faults));
        return (products, [.. file._faults.OrderBy(fault => fault.Line)]);
    }

    private static HtmlSanitizer CreateSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
            },
            // What isn't named here would be what the package thinks harmless, styles and links among it.
            AllowedAttributes = new HashSet<string>(),
            AllowedCssProperties = new HashSet<string>(),
            AllowedSchemes = new HashSet<string>(),
        })
        {
            // Editors wrap texts in div and span: the wrapping goes, the words stay.
            KeepChildNodes = true,
        };
        sanitizer.RemovingTag += (_, removing) =>
        {
            if (Wordless.Contains(removing.Tag.LocalName))
                removing.Tag.TextContent = "";
        };
        return sanitizer;
    }

    private static List<Row> Rows(TextReader text, List<ImportFault> faults)
    {
        using var csv = CsvReader.Create(text, new CsvReaderOptions
        {
            TrackLineNumbers = true,
            TrimWhitespace = true,
            MalformedData = CsvMalformedDataHandling.Skip,
            FieldCountMismatch = CsvFieldCountHandling.Skip,
            MaxRecordSize = MaxRecordBytes,
            OnMalformedRecord = record => faults.Add(new ImportFault((int)record.LineNumber, Explain(record.Reason))),
        }, leaveOpen: true);
        try
        {
            csv.ReadHeader();
            if (csv.Headers.Count == 0)
                throw new UnreadableCatalogException("The file is empty. Export your products as CSV and try again.");
            var missing = Needed.Where(column => !csv.TryGetFieldIndex(column, out _)).ToArray();
            if (missing.Length > 0)
            {
                throw new UnreadableCatalogException(
                    $"The first line lacks {(missing.Length == 1 ? "the column" : "the columns")} "
                        + $"{string.Join(", ", missing.Select(column => $"'{column}'"))}. "
                    + "The file must be a CSV with the header of a Shopify product export.");
            }

            var rows = new List<Row>();
            while (csv.Read())
                rows.Add(new Row(csv));
            return rows;
        }
        catch (CsvFormatException broken)
        {
            throw new UnreadableCatalogException(
                $"The file can't be read as CSV from line {broken.LineNumber} on: {broken.Message}", broken);
        }
    }

    private static string Explain(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.FieldCountMismatch =>
            "it has more or fewer fields than the header; is there a comma in a field without quotation marks?",
        CsvMalformedReason.UnterminatedQuote => "a quotation mark is opened and never closed.",
        _ => "a quotation mark stands where none may; put the field in quotation marks and double those inside it.",
    };

    private List<ImportedProduct> Products(List<Row> rows)
    {
        var products = new List<ImportedProduct>();
        foreach (var group in rows.GroupBy(row => row.Handle, StringComparer.OrdinalIgnoreCase))
        {
            if (group.Key.Length == 0)
                _faults.AddRange(
                    group.Select(row => new ImportFault(row.Line, "no handle, so it is unclear which product it belongs to.")));
            else if (Product([.. group]) is { } product)
                products.Add(product);
        }

        return products;
    }

    private ImportedProduct? Product(Row[] rows)
    {
        var first = rows[0];
        var slug = Slug.From(first.Handle);
        if (slug.Length == 0)
            return Fault(first, $"the handle '{first.Handle}' has no letter or digit.");
        if (first.Title.Length is 0 or > MaxNameLength)
            return Fault(first, first.Title.Length == 0 ? "no title." : $"the title is longer than {MaxNameLength} characters.");

        var optionNames = first.OptionNames;
        var variants = rows.Where(row => row.HasVariant).Select(row => Variant(row, optionNames.Length)).OfType<ImportedVariant>()
            .ToArray();
        if (variants.Length == 0)
        {
            // What is wrong with each variant has been said already.
            return rows.Any(row => row.HasVariant) ? null : Fault(first, $"'{first.Title}' has no variant that can be sold.");
        }

        var singleVariant = variants is [{ Options: [DefaultTitle] or [] }];
        var options = singleVariant
            ? []
            : optionNames.Select(
                (name, index) => new ProductOption(name, [.. variants.Select(variant => variant.Options[index]).Distinct()])).ToArray();
        return new ImportedProduct(
            first.Line,
            slug,
            first.Title,
            Sanitizer.Sanitize(first.Body),
            first.Vendor.Length > 0 ? first.Vendor : "Own brand",
            first.Category.Length > 0 ? first.Category : "Other",
            [.. first.Tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            first.Published,
            [.. rows.Where(row => row.ImageUrl is not null).Select(
                row => new ProductImage(row.ImageUrl!, row.ImageAlt.Length > 0 ? row.ImageAlt : first.Title))],
            options,
            singleVariant ? [variants[0] with { Name = "", Options = [] }] : variants);
    }

    private ImportedVariant? Variant(Row row, int optionCount)
    {
        if (!Sku.IsValid(row.Sku))
            return FaultyVariant(
                row,
                row.Sku.Length == 0
                    ? "no SKU."
                    : $"'{row.Sku}' is no SKU: letters, digits, '-', '_', '.' and '/' make one, {Sku.MaxLength} at most.");
        if (_lineOfSku.TryGetValue(row.Sku, out var other))
            return FaultyVariant(row, $"the SKU {row.Sku} stands already on line {other}.");
        if (!TryPrice(row.Price, out var price) || price is null)
            return FaultyVariant(row, $"the price '{row.Price}' is not an amount such as 19.99, from 0 to 1,000,000.");
        if (!TryPrice(row.CompareAtPrice, out var compareAt))
            return FaultyVariant(row, $"the compare-at price '{row.CompareAtPrice}' is not an amount such as 19.99.");
        if (!int.TryParse(
            row.Quantity.Length == 0 ? "0" : row.Quantity, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quantity)
            || quantity is < 0 or > StockLimit.MaxOnHand)
            return FaultyVariant(row, $"the quantity '{row.Quantity}' is not a whole number from 0 to {StockLimit.MaxOnHand}.");

        var options = row.OptionValues[..optionCount];
        if (options.Any(value => value.Length == 0))
            return FaultyVariant(row, "an option of the product has no value here.");
        _lineOfSku.Add(row.Sku, row.Line);
        return new ImportedVariant(
            row.Sku, string.Join(" / ", options), options, price.Value, compareAt > price ? compareAt : null, quantity);
    }

    private ImportedProduct? Fault(Row row, string reason)
    {
        _faults.Add(new ImportFault(row.Line, reason));
        return null;
    }

    private ImportedVariant? FaultyVariant(Row row, string reason)
    {
        _faults.Add(new ImportFault(row.Line, reason));
        return null;
    }

    /// <returns>Whether the text is an amount with at most two decimals, or empty (then <paramref name="minor"/> is null).</returns>
    private static bool TryPrice(string text, out long? minor)
    {
        const decimal max = 1_000_000m;
        minor = null;
        if (text.Length == 0)
            return true;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price)
            || price > max || decimal.Round(price, 2) != price)
            return false;
        minor = (long)(price * 100);
        return true;
    }

    private sealed class Row(CsvReader csv)
    {
        public int Line { get; } = (int)csv.LineNumber;
        public string Handle { get; } = Field(csv, "Handle");
        public string Title { get; } = Field(csv, "Title");
        public string Body { get; } = Field(csv, "Body (HTML)");
        public string Vendor { get; } = Field(csv, "Vendor");
        public string Tags { get; } = Field(csv, "Tags");
        public string Sku { get; } = Field(csv, "Variant SKU");
        public string Price { get; } = Field(csv, "Variant Price");
        public string CompareAtPrice { get; } = Field(csv, "Variant Compare At Price");
        public string Quantity { get; } = Field(csv, "Variant Inventory Qty");
        public string ImageAlt { get; } = Field(csv, "Image Alt Text");
        public string? ImageUrl { get; } = SafeUrl(Field(csv, "Image Src"));

        /// <summary>The shop's own category is Shopify's type; where that is empty, the last part of its taxonomy path.</summary>
        public string Category { get; } = Field(csv, "Type") is { Length: > 0 } type
            ? type
            : WebUtility.HtmlDecode(Field(csv, "Product Category")).Split('>')[^1].Trim();

        /// <summary>A product can be taken off the shelf by either column; without both it is for sale.</summary>
        public bool Published { get; } =
            !Field(csv, "Published").Equals("false", StringComparison.OrdinalIgnoreCase)
            && Field(csv, "Status").ToUpperInvariant() is "" or "ACTIVE";

        public string[] OptionNames { get; } =
            [.. Enumerable.Range(1, 3).Select(number => Field(csv, $"Option{number} Name")).TakeWhile(name => name.Length > 0)];

        public string[] OptionValues { get; } = [.. Enumerable.Range(1, 3).Select(number => Field(csv, $"Option{number} Value"))];

        /// <summary>Rows that only add a picture have neither.</summary>
        public bool HasVariant => Sku.Length > 0 || Price.Length > 0;

        private static string Field(CsvReader csv, string column) =>
            csv.TryGetFieldIndex(column, out var index) ? csv.GetString(index).Trim() : "";

        private static string? SafeUrl(string url) =>
            url.StartsWith('/') || (Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "https" or "http")
                ? url
                : null;
    }
}
