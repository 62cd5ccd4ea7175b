namespace Shop.Web.Ordering;

/// <summary>What is wrong with a checkout form, field by field in the order of the page; plus what is about no field.</summary>
public sealed class CheckoutErrors
{
    private const int LongestText = 100;
    private static readonly string[] FieldsInOrder = ["email", "name", "line1", "line2", "city", "postalCode", "country", "card"];
    private readonly Dictionary<string, string> _byField = new(StringComparer.Ordinal);

    /// <summary>A sentence about the order as a whole.</summary>
    public string? Overall { get; private set; }

    public bool Any => Overall is not null || _byField.Count > 0;

    public IEnumerable<(string Field, string Sentence)> InOrder =>
        FieldsInOrder.Where(_byField.ContainsKey).Select(name => (name, _byField[name]));

    public string? this[string field] => _byField.GetValueOrDefault(field);

    public static CheckoutErrors Of(CheckoutForm form)
    {
        var errors = new CheckoutErrors();
        errors.Require("email", form.Email, "Enter your e-mail address: the confirmation goes there.");
        if (form.Email.Length > 0 && !LooksLikeEmail(form.Email))
            errors.Add("email", "Enter an e-mail address like name@example.com.");
        errors.Require("name", form.Name, "Enter the name that stands on the door bell.");
        errors.Require("line1", form.Line1, "Enter the street and house number.");
        errors.Require("city", form.City, "Enter the town or city.");
        errors.Require("postalCode", form.PostalCode, "Enter the postal code.");
        if (form.PostalCode.Length > 16)
            errors.Add("postalCode", "A postal code has at most 16 characters.");
        foreach (var (field, value) in new[] { ("name", form.Name), ("line1", form.Line1), ("line2", form.Line2), ("city", form.City) })
        {
            if (value.Length > LongestText)
                errors.Add(field, $"This is longer than {LongestText} characters: please shorten it.");
        }

        if (Country.All.All(country => country.Code != form.Country))
            errors.Add("country", "Choose the country to deliver to.");
        if (TestCard.All.All(card => card.Token != form.Card))
            errors.Add("card", "Choose a card to pay with.");
        return errors;
    }

    public static CheckoutErrors About(string sentence) => new() { Overall = sentence };

    /// <summary>The API's errors, whose keys are JSON paths such as <c>shippingAddress.postalCode</c>.</summary>
    public static CheckoutErrors From(IReadOnlyDictionary<string, string[]> apiErrors)
    {
        var errors = new CheckoutErrors();
        foreach (var (path, sentences) in apiErrors)
        {
            var name = path[(path.LastIndexOf('.') + 1)..];
            var field = name is "token" or "method" or "payment"
                ? "card"
                : FieldsInOrder.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            var sentence = string.Join(" ", sentences);
            if (field is null)
                errors.Overall = errors.Overall is null ? sentence : $"{errors.Overall} {sentence}";
            else
                errors.Add(field, sentence);
        }

        return errors;
    }

    private void Require(string field, string value, string sentence)
    {
        if (value.Length == 0)
            Add(field, sentence);
    }

    private void Add(string field, string sentence) => _byField.TryAdd(field, sentence);

    /// <summary>Only what is surely a slip of the keyboard; whether the address exists, the e-mail itself will show.</summary>
    private static bool LooksLikeEmail(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == text.LastIndexOf('@') && text.Length <= 254 && !text.Any(char.IsWhiteSpace)
            && text[(at + 1)..] is { Length: > 2 } domain && domain.Contains('.', StringComparison.Ordinal)
            && !domain.StartsWith('.') && !domain.EndsWith('.');
    }
}
