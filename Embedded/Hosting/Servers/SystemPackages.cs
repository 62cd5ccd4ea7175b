using Embedded.Hosting.Processes;

namespace Embedded.Hosting.Servers;

/// <summary>Finds programs, and installs what is missing with the system's package manager where that needs no password.</summary>
internal static class SystemPackages
{
    /// <summary>SHOP_NO_INSTALL set to anything but 0 forbids every installation.</summary>
    public static bool InstallationAllowed => Environment.GetEnvironmentVariable("SHOP_NO_INSTALL") is null or "" or "0";

    /// <summary>Makes sure that all these programs are on the search path.</summary>
    public static Task<string> EnsureAsync(string what, IReadOnlyList<string> binaries, SystemPackage package, bool mayInstall, SearchPath searchPath, Action<string> announce, CancellationToken ct) =>
        EnsureAsync(what, () => binaries.All(b => searchPath.Find(b) is not null) ? searchPath.Find(binaries[0]) : null, package, mayInstall, searchPath, announce, ct);

    /// <summary>Returns what <paramref name="find"/> finds, after an installation if need be.</summary>
    /// <exception cref="EmbeddedHostingException">It is missing and can't or may not be installed: says the command to type.</exception>
    public static async Task<string> EnsureAsync(string what, Func<string?> find, SystemPackage package, bool mayInstall, SearchPath searchPath, Action<string> announce, CancellationToken ct)
    {
        if (find() is { } present)
            return present;

        if (PackageManager.Detect(searchPath) is not { } manager)
            throw new EmbeddedHostingException($"{what} is not installed, and neither apt-get, dnf nor Homebrew is here to install it. Install {what} so that it is on PATH, then start again.");

        var byHand = manager.CommandToType(package);
        if (!mayInstall || !InstallationAllowed)
            throw new EmbeddedHostingException($"{what} is not installed, and SHOP_NO_INSTALL forbids installing it. Type: {byHand}");
        if (await manager.ElevationAsync(ct) is not { } elevation)
            throw new EmbeddedHostingException($"{what} is not installed, and installing it needs a password. Type: {byHand}");

        announce($"Installing {package.NameFor(manager)} with {manager.Name} …");
        var result = await manager.InstallAsync(package, elevation, ct);
        if (find() is { } installed)
            return installed;
        throw new EmbeddedHostingException(result.ExitCode == 0
            ? $"{what} was installed with {manager.Name}, but its programs are not in the places known. Put their directory on PATH."
            : $"Installing {what} failed: {result.LastWords} Type: {byHand}");
    }

    private static string NameFor(this SystemPackage package, PackageManager manager) => manager.NamesOf(package)[0];
}
