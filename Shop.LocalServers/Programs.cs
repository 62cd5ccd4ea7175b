namespace Shop.LocalServers;

/// <summary>Finds programs on PATH and where distributions keep those that may not be on it.</summary>
internal static class Programs
{
    private static readonly string[] Usual = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin"];

    /// <returns>The program's path; null when it isn't installed.</returns>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(Usual)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The existing ones of these paths below the root, of each with an asterisk the highest version first.</summary>
    public static IEnumerable<string> Places(params IEnumerable<string> patterns) => patterns.SelectMany(Expand);

    private static IEnumerable<string> Expand(string pattern)
    {
        var folders = new List<string> { "/" };
        foreach (var part in pattern.Split('/')[..^1])
        {
            folders = part.Contains('*', StringComparison.Ordinal)
                ? [.. folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateDirectories(folder, part))
                    .OrderByDescending(VersionOf)]
                : [.. folders.Select(folder => Path.Combine(folder, part))];
        }

        return folders.Select(folder => Path.Combine(folder, Path.GetFileName(pattern))).Where(File.Exists);
    }

    private static Version VersionOf(string path)
    {
        var digits = new string(
            [.. Path.GetFileName(path).SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        return Version.TryParse(digits.Contains('.', StringComparison.Ordinal) ? digits : $"{digits}.0", out var version)
            ? version
            : new Version();
    }
}
