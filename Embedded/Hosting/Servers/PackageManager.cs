using Embedded.Hosting.Processes;

namespace Embedded.Hosting.Servers;

/// <summary>apt-get, dnf or Homebrew.</summary>
internal sealed class PackageManager
{
    // $1: the packages to try, $2: the services not to enable. One installation at a time: two AppHosts may both miss
    // something. The policy file keeps maintainer scripts from starting the services (Debian Policy 9.3.3).
    private const string AptScript = """
        exec 9>/tmp/.shop-install.lock
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

    private const string DnfScript = """
        exec 9>/tmp/.shop-install.lock
        flock 9
        for package in $1; do dnf install -y -q --setopt=install_weak_deps=False $package 9>&- && exit 0; done
        exit 1
        """;

    private const string BrewScript = """
        for package in $1; do brew install --quiet $package && exit 0; done
        exit 1
        """;

    private readonly string _script;
    private readonly Func<SystemPackage, string> _names;
    private readonly string _install;
    private readonly bool _needsRoot;

    private PackageManager(string name, string install, string script, bool needsRoot, Func<SystemPackage, string> names)
    {
        Name = name;
        _install = install;
        _script = script;
        _needsRoot = needsRoot;
        _names = names;
    }

    public string Name { get; }

    public static PackageManager? Detect(SearchPath searchPath)
    {
        PackageManager[] managers =
        [
            new("apt-get", "apt-get install", AptScript, needsRoot: true, p => p.Apt),
            new("dnf", "dnf install", DnfScript, needsRoot: true, p => p.Dnf),
            new("brew", "brew install", BrewScript, needsRoot: false, p => p.Brew),
        ];
        // A machine whose search path holds none is asked once more where package managers always are.
        return managers.FirstOrDefault(m => searchPath.Find(m.Name) is not null)
            ?? managers.FirstOrDefault(m => SearchPath.Default.Find(m.Name) is not null);
    }

    public string[] NamesOf(SystemPackage package) => _names(package).Split('|');

    public string CommandToType(SystemPackage package) =>
        $"{(_needsRoot && !Environment.IsPrivilegedProcess ? "sudo " : "")}{_install} {NamesOf(package)[0]}";

    /// <summary>What to put before a command so that it may install: nothing, or sudo; null when a password would be asked for.</summary>
    public async Task<string[]?> ElevationAsync(CancellationToken ct)
    {
        if (!_needsRoot || Environment.IsPrivilegedProcess)
            return [];
        return SearchPath.Default.Find("sudo") is { } sudo && (await Command.RunAsync(sudo, ["-n", "true"], ct)).ExitCode == 0
            ? [sudo, "-n"]
            : null;
    }

    public Task<CommandResult> InstallAsync(SystemPackage package, string[] elevation, CancellationToken ct)
    {
        string[] command = [.. elevation, "/bin/sh", "-c", _script, "shop-install", string.Join(' ', NamesOf(package)), string.Join(' ', package.Services)];
        return Command.RunAsync(command[0], command[1..], ct);
    }
}
