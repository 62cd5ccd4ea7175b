namespace Shop.Domain.Catalog;

/// <summary>A name as it stands in an address: <c>Tents &amp; Shelter</c> becomes <c>tents-shelter</c>.</summary>
public static class Slug
{
    public static string From(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slug = new StringBuilder(name.Length);
        foreach (var character in name.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark)
                continue;
            if (char.IsLetterOrDigit(character))
                slug.Append(char.ToLowerInvariant(character));
            else if (slug.Length > 0 && slug[^1] != '-' && character is not '\'' and not '’')
                slug.Append('-');
        }

        return slug.ToString().Trim('-');
    }
}
