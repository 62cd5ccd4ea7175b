using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.ApiService.Http;

/// <summary>Collects what is wrong with a request, by field.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = [];

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

    /// <summary>Without what nobody sees, or what turns the direction of all that follows; joiners belong to scripts and emoji.</summary>
    private static bool IsPrintable(Rune character) => character.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    public ValidationProblem ToProblem() =>
        TypedResults.ValidationProblem(_errors.ToDictionary(error => error.Key, error => error.Value.ToArray()));
}
