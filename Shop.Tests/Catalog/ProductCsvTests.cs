using Shop.Infrastructure.Catalog;

namespace Shop.Tests.Catalog;

[Trait("Category", "Unit")]
public sealed class ProductCsvTests
{
    private const string Header =
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant "
            + "Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Alt Text,Status";

    private const string Mug =
        "mug,Camp Mug,<p>Holds tea.</p>,Tarn,Kitchen,\"tea, camp\",true,Title,Default Title,,,MUG-1,25,12.50,15.00,"
            + "/images/mug.webp,A mug,active";

    [Fact]
    public void A_product_is_read_with_all_that_its_row_says()
    {
        var mug = Assert.Single(ReadWithoutFault(Header, Mug));

        Assert.Equal(
            (2, "mug", "Camp Mug", "<p>Holds tea.</p>", "Tarn", "Kitchen"),
            (mug.Line, mug.Slug, mug.Name, mug.Description, mug.Brand, mug.Category));
        Assert.Equal(["tea", "camp"], mug.Tags);
        Assert.True(mug.Published);
        Assert.Empty(mug.Options);
        var picture = Assert.Single(mug.Images);
        Assert.Equal(("/images/mug.webp", "A mug"), (picture.Url, picture.Alt));
        var variant = Assert.Single(mug.Variants);
        Assert.Equal(
            ("MUG-1", "", 1250L, 1500L, 25), (variant.Sku, variant.Name, variant.PriceMinor, variant.CompareAtMinor, variant.Quantity));
        Assert.Empty(variant.Options);
    }

    [Fact]
    public void Rows_of_one_handle_are_variants_and_further_pictures_of_one_product()
    {
        var tee = Assert.Single(ReadWithoutFault(
            Header,
            "tee,Tee,,Tarn,Clothing,,true,Size,S,Colour,Moss,TEE-S-M,1,20.00,,/images/1.webp,,active",
            "tee,,,,,,,,M,,Moss,TEE-M-M,2,22.00,,,,",
            "tee,,,,,,,,M,,Clay,TEE-M-C,3,22.00,,,,",
            "tee,,,,,,,,,,,,,,,/images/2.webp,From behind,"));

        Assert.Equal(["TEE-S-M", "TEE-M-M", "TEE-M-C"], tee.Variants.Select(variant => variant.Sku));
        Assert.Equal(["S / Moss", "M / Moss", "M / Clay"], tee.Variants.Select(variant => variant.Name));
        Assert.Equal(
            ["Size: S, M", "Colour: Moss, Clay"], tee.Options.Select(option => $"{option.Name}: {string.Join(", ", option.Values)}"));
        Assert.Equal(["/images/1.webp", "/images/2.webp"], tee.Images.Select(image => image.Url));
        Assert.Equal(["Tee", "From behind"], tee.Images.Select(image => image.Alt));
    }

    [Theory]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,,1,5.00,,,,", "no SKU")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,B AD,1,5.00,,,,", "'B AD' is no SKU")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,MUG-1,1,5.00,,,,", "MUG-1 stands already on line 2")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1,,,,,", "the price ''")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1,cheap,,,,", "the price 'cheap'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1,-5.00,,,,", "the price '-5.00'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1,5.001,,,,", "the price '5.001'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1,1000000.01,,,,", "the price '1000000.01'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1,5.00,dear,,,", "the compare-at price 'dear'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,-1,5.00,,,,", "the quantity '-1'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,many,5.00,,,,", "the quantity 'many'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,1.5,5.00,,,,", "the quantity '1.5'")]
    [InlineData("bad,Bad,,,,,,Title,Default Title,,,BAD,99999999999,5.00,,,,", "the quantity '99999999999'")]
    [InlineData("bad,Bad,,,,,,Size,,,,BAD,1,5.00,,,,", "an option of the product has no value")]
    [InlineData("bad,,,,,,,Title,Default Title,,,BAD,1,5.00,,,,", "no title")]
    [InlineData(",Bad,,,,,,Title,Default Title,,,BAD,1,5.00,,,,", "no handle")]
    [InlineData("!!!,Bad,,,,,,Title,Default Title,,,BAD,1,5.00,,,,", "the handle '!!!'")]
    [InlineData("bad,Bad,,,,,,,,,,,,,,/images/bad.webp,,", "no variant that can be sold")]
    [InlineData("bad,Bad,oops", "more or fewer fields than the header")]
    [InlineData("bad,Bad,so,many,fields,,,Title,Default Title,,,BAD,1,5.00,,,,,,,,,", "more or fewer fields than the header")]
    public void A_row_with_a_fault_is_reported_with_its_line_and_the_others_are_taken(string badRow, string reason)
    {
        var (products, faults) = Read(Header, Mug, badRow, "pot,Pot,,,,,,Title,Default Title,,,POT,1,5.00,,,,");

        Assert.Equal(["mug", "pot"], products.Select(product => product.Slug));
        var fault = Assert.Single(faults);
        Assert.Equal(3, fault.Line);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.StartsWith("line 3: ", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_title_longer_than_any_shop_window_is_reported()
    {
        var (products, faults) = Read(Header, $"bad,{new string('x', 201)},,,,,,Title,Default Title,,,BAD,1,5.00,,,,");

        Assert.Empty(products);
        Assert.Contains("longer than 200", Assert.Single(faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_faulty_variant_leaves_its_product_with_the_others()
    {
        var (products, faults) = Read(
            Header,
            "tee,Tee,,Tarn,Clothing,,true,Size,S,,,TEE-S,1,20.00,,,,",
            "tee,,,,,,,,M,,,TEE-M,1,free,,,,",
            "tee,,,,,,,,L,,,TEE-L,1,20.00,,,,");

        Assert.Equal(["TEE-S", "TEE-L"], Assert.Single(products).Variants.Select(variant => variant.Sku));
        Assert.Equal(["S", "L"], Assert.Single(products[0].Options).Values);
        Assert.Equal(3, Assert.Single(faults).Line);
    }

    [Fact]
    public void Descriptions_over_several_lines_leave_the_line_numbers_right()
    {
        var (products, faults) = Read(
            Header,
            "mug,Camp Mug,\"<p>Holds tea.</p>\n<p>Also soup,\nand \"\"coffee\"\".</p>\",,,,,Title,Default Title,,,MUG-1,25,12.50,,,,",
            "bad,Bad,,,,,,Title,Default Title,,,BAD,1,cheap,,,,",
            "pot,Pot,\"one\r\ntwo\",,,,,Title,Default Title,,,POT,1,5.00,,,,",
            "worse,Worse,,,,,,Title,Default Title,,,WORSE,1,dear,,,,");

        Assert.Equal([2, 6], products.Select(product => product.Line));
        Assert.Equal([5, 8], faults.Select(fault => fault.Line));
        Assert.Contains("\"coffee\"", products[0].Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quotation_mark_that_is_never_closed_is_reported_where_it_was_opened()
    {
        var (products, faults) = Read(
            Header, Mug, "bad,Bad,\"never closed,,,,,Title,Default Title,,,BAD,1,5.00,,,,",
            "pot,Pot,,,,,,Title,Default Title,,,POT,1,5.00,,,,");

        Assert.Contains("mug", products.Select(product => product.Slug));
        var fault = Assert.Single(faults);
        Assert.Equal(3, fault.Line);
        Assert.Contains("never closed", fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<p>Fine</p><script>alert(1)</script>", "<p>Fine</p>")]
    [InlineData("<p onclick='steal()'>Fine</p>", "<p>Fine</p>")]
    [InlineData("<img src=x onerror=alert(1)>Fine", "Fine")]
    [InlineData("<p style='position:fixed'>Fine</p>", "<p>Fine</p>")]
    [InlineData("<div><span>Fine</span><style>p{display:none}</style></div>", "Fine")]
    [InlineData("<svg><script>alert(1)</script></svg>Fine", "Fine")]
    [InlineData("<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>Fine", "'&gt;Fine")]
    [InlineData("<scr<script>ipt>alert(1)</script>Fine", "ipt&gt;alert(1)Fine")]
    [InlineData("<ul><li><strong>Fine</strong></li></ul>", "<ul><li><strong>Fine</strong></li></ul>")]
    public void What_could_run_in_a_customers_browser_is_taken_out_of_a_description(string body, string description)
    {
        var product = Assert.Single(ReadWithoutFault(Header, $"a,A,{body},,,,,Title,Default Title,,,A,1,5.00,,,,"));

        Assert.Equal(description, product.Description);
    }

    [Fact]
    public void Links_out_of_a_description_lead_nowhere_dangerous()
    {
        var product = Assert.Single(ReadWithoutFault(
            Header,
            "a,A,<p><a href='javascript:steal()'>Fine</a><iframe src='//evil'></iframe></p>,,,,,Title,Default Title,,,A,1,5.00,,,,"));

        Assert.DoesNotContain("javascript", product.Description, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("iframe", product.Description, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Fine", product.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html;base64,AAAA")]
    [InlineData("file:///etc/passwd")]
    public void A_picture_is_shown_from_the_shop_or_the_web_only(string address) =>
        Assert.Empty(Assert.Single(ReadWithoutFault(Header, $"a,A,,,,,,Title,Default Title,,,A,1,5.00,,\"{address}\",,")).Images);

    [Fact]
    public void An_export_that_Excel_saved_with_semicolons_is_read()
    {
        var product = Assert.Single(ReadWithoutFault(
            "Handle;Title;Body (HTML);Variant SKU;Variant Inventory Qty;Variant Price",
            "mug;Camp Mug;\"<p>Tea; or soup, hot</p>\";MUG-1;25;12.50"));

        Assert.Equal("<p>Tea; or soup, hot</p>", product.Description);
        Assert.Equal(1250, Assert.Single(product.Variants).PriceMinor);
    }

    [Fact]
    public void A_file_that_Excel_saved_with_a_byte_order_mark_is_read() => Assert.Single(ReadWithoutFault('\uFEFF' + Header, Mug));

    [Theory]
    [InlineData("false", "active")]
    [InlineData("FALSE", "")]
    [InlineData("true", "draft")]
    [InlineData("true", "archived")]
    public void A_product_taken_off_the_shelf_is_read_as_such(string published, string status) =>
        Assert.False(Assert.Single(ReadWithoutFault(Header, $"a,A,,,,,{published},Title,Default Title,,,A,1,5.00,,,,{status}")).Published);

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    public void An_empty_file_is_refused_with_what_to_do(string text)
    {
        var refused = Assert.Throws<UnreadableCatalogException>(() => Read(text));

        Assert.Contains("empty", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_another_header_is_refused_and_the_missing_columns_named()
    {
        var refused = Assert.Throws<UnreadableCatalogException>(() => Read("Handle,Name,Price", "a,A,5"));

        Assert.Contains("'Title'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'Variant SKU'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'Variant Price'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'Handle'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_text_at_all_is_refused_in_a_sentence()
    {
        var noise = new string([.. Enumerable.Range(0, 4096).Select(number => (char)(number * 7919 % 256))]);

        Assert.Throws<UnreadableCatalogException>(() => Read(noise));
    }

    private static IReadOnlyList<ImportedProduct> ReadWithoutFault(params string[] lines)
    {
        var (products, faults) = Read(lines);
        Assert.Empty(faults);
        return products;
    }

    private static (IReadOnlyList<ImportedProduct> Products, IReadOnlyList<ImportFault> Faults) Read(params string[] lines)
    {
        using var text = new StringReader(string.Join('\n', lines));
        return ProductCsv.Read(text);
    }
}
