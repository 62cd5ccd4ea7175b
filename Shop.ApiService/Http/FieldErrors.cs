using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;

namespace Shop.ApiService.Http;

/// <summary>Collects what is wrong with a request, by field.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = [];

    public delegate bool TryParse<T>(string text, out T? value);

    public bool Any => _errors.Count > 0;

    public void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var messages))
            _errors.Add(field, messages = []);
        messages.Add(message);
    }

    /// <summary>Text that must be there: trimmed, and an error when it is empty or too long.</summary>
    public string Required(string field, string? text, int maxLength, string what)
    {
        if (Optional(field, text, maxLength, what) is { } trimmed)
            return trimmed;
        Add(field, $"{what} is missing.");
        return "";
    }

    /// <summary>Text that may be left out: trimmed, null when nothing is left, and an error when it is too long.</summary>
    public string? Optional(string field, string? text, int maxLength, string what)
    {
        if (text?.Trim() is not { Length: > 0 } trimmed)
            return null;
        if (trimmed.Length > maxLength)
            Add(field, $"{what} is longer than {maxLength} characters.");
        else if (trimmed.AsSpan().ContainsAnyExceptInRange(' ', '~') && !trimmed.EnumerateRunes().All(IsPrintable))
            Add(field, $"{what} holds a character that can't be printed.");
        return trimmed;
    }

    /// <summary>Text to look for, which Postgres must be able to take: NUL it can't.</summary>
    public void Searchable(string field, string? text)
    {
        if (text?.Contains('\0', StringComparison.Ordinal) is true)
            Add(field, "The text holds a character that can't be printed.");
    }

    /// <summary>How long a page is to be: 1 to <see cref="PageSize.Max"/>.</summary>
    public int SizeOfPage(int? asked)
    {
        if (asked is < 1 or > PageSize.Max)
            Add("pageSize", $"The page size must be 1 to {PageSize.Max}.");
        return asked ?? PageSize.Usual;
    }

    /// <summary>Where a page begins: null at the beginning, and an error for what no page has given.</summary>
    public T? Cursor<T>(string? cursor, TryParse<T> tryParse, string of = "ours")
    {
        if (string.IsNullOrEmpty(cursor))
            return default;
        if (!tryParse(cursor, out var after))
            Add("cursor", $"This is no cursor of {of}: take nextCursor of the page before as it is, or begin anew.");
        return after;
    }

    /// <summary>Without what nobody sees, or what turns the direction of all that follows; joiners belong to scripts and emoji.</summary>
    private static bool IsPrintable(Rune character) => character.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    public ValidationProblem ToProblem() =>
        TypedResults.ValidationProblem(_errors.ToDictionary(error => error.Key, error => error.Value.ToArray()));
}
