using System.Text.RegularExpressions;

namespace Shop.Tests.Architecture;

/// <summary>What the documents point at is there: files, headings, and the names in the code that a link is called by.</summary>
[Trait("Category", "Architecture")]
public sealed partial class DocumentLinkTests
{
    /// <summary>Files in which a link's own words are looked for, when they are a name such as <c>Order.Confirm</c>.</summary>
    private static readonly string[] Code = [".cs", ".razor", ".js"];

    /// <summary>Where documents stand, beside those of the root.</summary>
    private static readonly string[] Folders = ["docs", "deploy"];

    [Fact]
    public void Every_link_of_a_document_leads_somewhere()
    {
        var links = Documents().SelectMany(document => LinksOf(document, File.ReadAllText(document))).ToArray();

        Assert.True(links.Length > 150, $"Only {links.Length} links were found: are the documents elsewhere now?");
        Assert.True(links.Count(link => link.Name is not null) > 60, "Hardly a link names anything in the code.");
        var faults = links.Select(FaultOf).OfType<string>().ToArray();
        Assert.True(faults.Length == 0, string.Join(Environment.NewLine, faults));
    }

    [Theory]
    [InlineData("[How](nowhere.md)", "nowhere.md is not there")]
    [InlineData("![Picture](images/nowhere.png)", "images/nowhere.png is not there")]
    [InlineData("""<img src="images/nowhere.png" alt="">""", "images/nowhere.png is not there")]
    [InlineData("[How](../../elsewhere.md)", "../../elsewhere.md leads out of the repository")]
    [InlineData("[How](messages.md#nowhere)", "messages.md has no heading #nowhere")]
    [InlineData("[Below](#nowhere)", "#nowhere")]
    [InlineData("[Order.Vanish](../Shop.Domain/Ordering/Order.cs)", "Order.cs names no Vanish")]
    [InlineData("[`Nobody.Confirm`](../Shop.Domain/Ordering/Order.cs)", "Order.cs names no Nobody")]
    public void A_link_that_leads_nowhere_is_told(string text, string fault) =>
        Assert.Contains(fault, FaultOf(Assert.Single(LinksOf(Repository.File("docs", "messages.md"), text))), StringComparison.Ordinal);

    [Theory]
    [InlineData("[Messages](messages.md#what-to-do)")]
    [InlineData("[All decisions](adr)")]
    [InlineData("[Order.Confirm](../Shop.Domain/Ordering/Order.cs)")]
    [InlineData("[`Order`](../Shop.Domain/Ordering/Order.cs)")]
    [InlineData("[Checkout.PlaceAsync](../Shop.Web/Components/Pages/Checkout.razor)")]
    [InlineData("[Order.cs](../Shop.Domain/Ordering/Order.cs)")]
    [InlineData("[how an order becomes a sale](../Shop.Domain/Ordering/Order.cs)")]
    public void A_link_that_leads_somewhere_is_not_told(string text) =>
        Assert.Null(FaultOf(Assert.Single(LinksOf(Repository.File("docs", "messages.md"), text))));

    private static IEnumerable<string> Documents() =>
        Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Order(StringComparer.Ordinal);

    /// <summary>The links within the repository; what stands in code is only shown.</summary>
    private static IEnumerable<Link> LinksOf(string document, string markdown)
    {
        var text = ShownLink().Replace(Fence().Replace(markdown, ""), "");
        return MarkdownLink().Matches(text).Concat(ImageSource().Matches(text))
            .Select(match => new Link(document, match.Groups["text"].Value, match.Groups["target"].Value))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal));
    }

    /// <returns>Null when it leads where it says.</returns>
    private static string? FaultOf(Link link)
    {
        var parts = link.Target.Split('#', 2);
        var (path, heading) = (parts[0], parts.Length == 2 ? parts[1] : "");
        var from = Path.GetRelativePath(Repository.Root, link.Document);
        var file = path.Length == 0
            ? link.Document
            : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link.Document)!, Uri.UnescapeDataString(path)));
        if (!file.StartsWith(Repository.Root, StringComparison.Ordinal))
            return $"{from}: {link.Target} leads out of the repository.";
        if (!Path.Exists(file))
            return $"{from}: {link.Target} is not there.";
        if (heading.Length > 0 && Path.GetExtension(file) == ".md" && !HeadingsOf(File.ReadAllText(file)).Contains(heading))
            return $"{from}: {Path.GetFileName(file)} has no heading #{heading}.";
        if (link.Name is not { } name)
            return null;
        var source = File.ReadAllText(file);
        var missing = name.Split('.')
            .Where(word => word != Path.GetFileNameWithoutExtension(file) && !Regex.IsMatch(source, $@"\b{Regex.Escape(word)}\b"))
            .ToArray();
        return missing.Length == 0 ? null : $"{from}: {Path.GetFileName(file)} names no {string.Join(" and no ", missing)}.";
    }

    /// <summary>Headings as addresses have them: small letters, hyphens for spaces, no other signs; a number where two are alike.</summary>
    private static HashSet<string> HeadingsOf(string markdown)
    {
        var headings = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(Fence().Replace(markdown, "")))
        {
            var words = NoPartOfAnAddress().Replace(heading.Groups["words"].Value.Trim(), "").Replace(' ', '-').ToLowerInvariant();
            var address = words;
            for (var again = 1; !headings.Add(address); again++)
                address = $"{words}-{again}";
        }

        return headings;
    }

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`[^`\n]*\]\([^`\n]*`")]
    private static partial Regex ShownLink();

    [GeneratedRegex(@"\[(?<text>[^\[\]]*)\]\((?<target>[^()\s]+)\)")]
    private static partial Regex MarkdownLink();

    [GeneratedRegex("src=\"(?<target>[^\"]+)\"")]
    private static partial Regex ImageSource();

    [GeneratedRegex("^#{1,6} (?<words>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}_ -]")]
    private static partial Regex NoPartOfAnAddress();

    [GeneratedRegex(@"^`?(?<name>[A-Z]\w*(\.[A-Za-z]\w*)*)`?$")]
    private static partial Regex CodeName();

    /// <param name="Document">Where it stands.</param>
    /// <param name="Text">What it is called.</param>
    /// <param name="Target">Where it leads, seen from there.</param>
    private sealed record Link(string Document, string Text, string Target)
    {
        /// <summary>The name in the code that it is called by; null when it is called by other words, or by the file's own name.</summary>
        public string? Name =>
            Code.Contains(Path.GetExtension(Target)) && CodeName().Match(Text) is { Success: true } match
            && match.Groups["name"].Value != Path.GetFileName(Target)
                ? match.Groups["name"].Value
                : null;
    }
}
