using System.Globalization;

namespace Embedded.Hosting.Processes;

/// <summary>Where programs are looked for: the directories of PATH, then the places where packages put them.</summary>
/// <param name="Directories">Searched first, in order.</param>
/// <param name="Root">What the usual places lie beneath: "/", or another directory to pretend another machine.</param>
internal sealed record SearchPath(IReadOnlyList<string> Directories, string Root = "/")
{
    // A login shell of an ordinary user lacks the sbin directories, where some servers are.
    public static SearchPath Default => new([
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin"]);

    /// <summary>The first executable file of this name, or null.</summary>
    public string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            foreach (var directory in Directories)
                if (IsExecutable(Path.Combine(directory, name)))
                    return Path.Combine(directory, name);
        return null;
    }

    /// <summary>The usual places that exist, newest version first. A pattern is a path below the root with "*" in names.</summary>
    public IEnumerable<string> Places(params IEnumerable<string> patterns) =>
        patterns.SelectMany(p => Expand(Root, p.Split('/', StringSplitOptions.RemoveEmptyEntries)).OrderByDescending(VersionIn));

    public static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static IEnumerable<string> Expand(string directory, ReadOnlyMemory<string> names)
    {
        if (names.IsEmpty)
            return [directory];
        if (!Directory.Exists(directory))
            return [];
        var rest = names[1..];
        var name = names.Span[0];
        if (name.Contains('*'))
            return Directory.EnumerateFileSystemEntries(directory, name).SelectMany(d => Expand(d, rest));
        var next = Path.Combine(directory, name);
        return Path.Exists(next) ? Expand(next, rest) : [];
    }

    private static Version VersionIn(string path)
    {
        var digits = new string([.. path.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]).Trim('.');
        return Version.TryParse(digits.Contains('.') ? digits : digits + ".0", out var version) ? version
            : new Version(int.TryParse(digits.Split('.')[0], CultureInfo.InvariantCulture, out var major) ? major : 0, 0);
    }
}
