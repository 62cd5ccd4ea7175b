using Aspire.Hosting;

namespace Shop.LocalServers;

/// <summary>What a program's package is called; several names separated by a bar are tried in order.</summary>
/// <param name="Services">Units that a distribution's package would enable at boot; a private server needs none.</param>
internal sealed record Package(string Apt, string Dnf, string Brew, IReadOnlyList<string> Services)
{
    /// <summary>Held for as long as something is being installed.</summary>
    public const string LockFile = "/tmp/.shop-install.lock";

    // $1: the packages to try, $2: the services not to enable. One installation at a time: two AppHosts may both miss
    // something. The policy file keeps maintainer scripts from starting the services (Debian Policy 9.3.3).
    private const string AptScript = $$"""
        exec 9>{{LockFile}}
        flock 9
        export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 LC_ALL=C
        policy=/usr/sbin/policy-rc.d
        if [ ! -e $policy ]; then
          printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
          trap 'rm -f $policy' EXIT
          trap 'exit 130' HUP INT TERM
        fi
        known=
        for service in $2; do [ -e /lib/systemd/system/$service.service ] && known="$known $service "; done
        install() {
          for package in $1; do
            apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 $package 9>&- && return 0
          done
          return 1
        }
        install "$1" || { apt-get update -q -o DPkg::Lock::Timeout=600 9>&-; install "$1"; } || exit 1
        for service in $2; do
          case $known in *" $service "*) continue ;; esac
          if command -v systemctl >/dev/null; then systemctl disable -q $service 9>&- || true; fi
        done
        """;

    private const string DnfScript = $$"""
        exec 9>{{LockFile}}
        flock 9
        for package in $1; do dnf install -y -q --setopt=install_weak_deps=False $package 9>&- && exit 0; done
        exit 1
        """;

    private const string BrewScript = """
        for package in $1; do brew install --quiet $package && exit 0; done
        exit 1
        """;

    private sealed record Manager(string Name, string Names, string Script, bool NeedsRoot);

    /// <summary>Returns what <paramref name="find"/> finds, after an installation if need be.</summary>
    /// <param name="product">What people call it.</param>
    /// <param name="find">Looks for the programs.</param>
    /// <param name="announce">Told before the machine is changed.</param>
    /// <exception cref="DistributedApplicationException">It is missing and can't or may not be installed: says the command to
    /// type.</exception>
    public async Task<T> EnsureAsync<T>(string product, Func<T?> find, Action<string> announce, CancellationToken cancellationToken)
        where T : class
    {
        await OthersAreDoneAsync(cancellationToken);
        if (find() is { } present)
            return present;
        if (Detect() is not { } manager)
        {
            throw new DistributedApplicationException(
                $"{product} is not installed, and neither apt-get, dnf nor Homebrew is here to install it. Install {product}, then start "
                    + "again.");
        }

        var first = manager.Names.Split('|')[0];
        var byHand = $"{(manager.NeedsRoot && !Environment.IsPrivilegedProcess ? "sudo " : "")}{manager.Name} install {first}";
        if (Environment.GetEnvironmentVariable("SHOP_NO_INSTALL") is not (null or "" or "0"))
            throw new DistributedApplicationException(
                $"{product} is not installed, and SHOP_NO_INSTALL forbids installing it. Type: {byHand}");
        if (await ElevationAsync(manager, cancellationToken) is not { } elevation)
            throw new DistributedApplicationException($"{product} is not installed, and installing it needs a password. Type: {byHand}");

        announce($"{product} is not installed. Installing {first} with {manager.Name} …");
        string[] command = [.. elevation, "/bin/sh", "-c", manager.Script, "shop-install", manager.Names.Replace('|', ' '),
            string.Join(' ', Services)];
        var (exitCode, lastWords) = await RunAsync(command, cancellationToken);
        return find() ?? throw new DistributedApplicationException(exitCode == 0
            ? $"{product} was installed with {manager.Name}, but its programs are not in the places known. Put their directory on PATH."
            : $"Installing {product} failed: {lastWords} Type: {byHand}");
    }

    /// <summary>Waits for an installation that is going on: what it has unpacked so far can be found, but doesn't work yet.</summary>
    private static async Task OthersAreDoneAsync(CancellationToken cancellationToken)
    {
        for (var wait = File.Exists(LockFile); wait;)
        {
            try
            {
                // A shared lock (flock), which is refused as long as the script has its own.
                using var look = new FileStream(LockFile, FileMode.Open, FileAccess.Read, FileShare.Read);
                wait = false;
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
    }

    private Manager? Detect() => Programs.Find("apt-get") is not null ? new("apt-get", Apt, AptScript, NeedsRoot: true)
        : Programs.Find("dnf") is not null ? new("dnf", Dnf, DnfScript, NeedsRoot: true)
        : Programs.Find("brew") is not null ? new("brew", Brew, BrewScript, NeedsRoot: false)
        : null;

    /// <returns>What to put before a command so that it may install: nothing, or sudo; null when a password would be asked for.</returns>
    private static async Task<string[]?> ElevationAsync(Manager manager, CancellationToken cancellationToken) =>
        !manager.NeedsRoot || Environment.IsPrivilegedProcess ? []
        : Programs.Find("sudo") is { } sudo && (await RunAsync([sudo, "-n", "true"], cancellationToken)).ExitCode == 0 ? [sudo, "-n"]
        : null;

    private static async Task<(int ExitCode, string LastWords)> RunAsync(string[] command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        var words = $"{await output}\n{errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, string.Join(" / ", words.TakeLast(3)));
    }
}
