namespace Shop.Tests.Operations;

/// <summary>Prometheus' own checker of rules, from the system's package.</summary>
internal static partial class Promtool
{
    /// <returns>Its path.</returns>
    /// <exception cref="InvalidOperationException">It isn't there and this way of running can't install it.</exception>
    public static async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        Func<CancellationToken, Task<string>>? install = null;
        UseInstaller(ref install);
        return install is not null
            ? await install(cancellationToken)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(place => Path.Combine(place, "promtool")).FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("The tests of the alert rules need promtool, which comes with Prometheus: install it (such as `sudo apt-get install prometheus`).");
    }

    /// <summary>Given by the embedded engine, which installs servers in the same manner.</summary>
    static partial void UseInstaller(ref Func<CancellationToken, Task<string>>? install);
}
