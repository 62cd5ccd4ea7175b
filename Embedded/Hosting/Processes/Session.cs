using System.Diagnostics;

namespace Embedded.Hosting.Processes;

/// <summary>
/// Starts programs in a session of their own, so that a terminal's Ctrl-C doesn't reach them and their id is also
/// that of their process group.
/// </summary>
internal static class Session
{
    private static readonly string[] Prefix = FindPrefix();

    public static ProcessStartInfo StartInfo(string fileName, IEnumerable<string> arguments)
    {
        string[] command = [.. Prefix, fileName, .. arguments];
        return new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    private static string[] FindPrefix() =>
        SearchPath.Default.Find("setsid") is { } setsid ? [setsid]
        // macOS has no setsid program, but Perl.
        : SearchPath.Default.Find("perl") is { } perl ? [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or exit 127", "--"]
        : throw new EmbeddedHostingException("Neither setsid nor perl was found on PATH, and one of them is needed to start the resources. Install util-linux or perl.");
}
