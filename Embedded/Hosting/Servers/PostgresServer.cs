using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Embedded.Hosting.Processes;

namespace Embedded.Hosting.Servers;

/// <summary>A private PostgreSQL cluster. It keeps fsync and synchronous_commit on: what is committed outlives a kill -9.</summary>
internal sealed class PostgresServer(ServerSettings settings) : NativeServer(settings)
{
    // An address of a Unix socket has 108 bytes with its end on Linux, 104 on macOS; the name is ".s.PGSQL.65535".
    private const int LongestSocketDirectory = 103 - 15;

    private const string UnprivilegedUser = "postgres";
    private const int Protocol3 = 196608;

    private static readonly SystemPackage Package = new("postgresql", "postgresql-server", "postgresql@17", "postgresql");
    private static readonly TimeSpan PredecessorGrace = TimeSpan.FromSeconds(5);

    private string _binaries = "";
    private string[] _runAs = [];

    protected override string Product => "PostgreSQL";

    /// <summary>Creates the database unless it exists.</summary>
    /// <exception cref="EmbeddedHostingException">The server refuses, for example because its data has another password.</exception>
    public async Task EnsureDatabaseAsync(string databaseName, CancellationToken ct)
    {
        // A variable of psql, because in it psql quotes what must be quoted; read from a script, \gexec runs each row.
        var script = Path.Combine(Settings.LogDirectory, $"{Settings.ResourceName}-create-{Guid.NewGuid():N}.sql");
        await File.WriteAllTextAsync(script, "SELECT format('CREATE DATABASE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n", ct);
        CommandResult result;
        try
        {
            result = await Command.RunAsync(
                Path.Combine(_binaries, "psql"),
                ["-X", "-q", "-w", "-h", "127.0.0.1", "-p", Settings.Port.ToString(CultureInfo.InvariantCulture), "-U", Settings.UserName, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-v", $"name={databaseName}", "-f", script],
                ct,
                new Dictionary<string, string> { ["PGPASSWORD"] = Settings.Password, ["LC_ALL"] = "C", ["PGCONNECT_TIMEOUT"] = "10" });
        }
        finally
        {
            File.Delete(script);
        }

        // Whoever else created it at the same moment did what was asked for.
        if (result.ExitCode == 0 || result.Error.Contains("already exists", StringComparison.Ordinal))
            return;
        throw new EmbeddedHostingException(
            result.Error.Contains("authentication failed", StringComparison.Ordinal)
                ? $"The PostgreSQL data in {Settings.DataDirectory} was created with another user or password than {Settings.ResourceName}'s of now. Give the earlier password (Parameters of the AppHost), or start fresh with --reset, which deletes the data."
                : $"The database {databaseName} can't be created: {result.LastWords} Look into the log of {Settings.ResourceName}.");
    }

    protected override async Task LocateAsync(Action<string> announce, CancellationToken ct)
    {
        _binaries = await SystemPackages.EnsureAsync("PostgreSQL", () => BinaryDirectories().FirstOrDefault(), Package, Settings.MayInstall, SearchPath, announce, ct);

        if (MajorOfData() is not { } major)
            return;
        var majors = new List<string>();
        foreach (var directory in BinaryDirectories())
        {
            var version = (await Command.RunAsync(Path.Combine(directory, "postgres"), ["--version"], ct)).Output;
            var own = new string([.. version.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit)]);
            majors.Add(own);
            if (own == major)
            {
                _binaries = directory;
                return;
            }
        }

        throw new EmbeddedHostingException($"The data in {Settings.DataDirectory} belongs to PostgreSQL {major}, but this machine has PostgreSQL {string.Join(", ", majors.Distinct())}. Install PostgreSQL {major}, upgrade the data with pg_upgrade, or start fresh with --reset, which deletes the data.");
    }

    protected override async Task InitialiseAsync(Action<string> announce, CancellationToken ct)
    {
        await ChooseUserAsync(ct);

        if (MajorOfData() is null)
        {
            if (Directory.EnumerateFileSystemEntries(Settings.DataDirectory).Any())
                throw new EmbeddedHostingException($"The directory {Settings.DataDirectory} is not empty and holds no PostgreSQL data. Move its files away, or start fresh with --reset, which deletes them.");
            await CreateClusterAsync(ct);
        }
        else
            await CheckClusterAsync(ct);
    }

    protected override async Task<ChildProcess> LaunchAsync(Guardian guardian, Action<string, bool> onLine, CancellationToken ct)
    {
        await ClearPredecessorAsync(ct);

        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = Settings.Port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = Encoding.UTF8.GetByteCount(Settings.DataDirectory) <= LongestSocketDirectory && !Settings.DataDirectory.Contains(',') ? Settings.DataDirectory : "",
            ["max_connections"] = "200",
            ["shared_buffers"] = "128MB",
            ["fsync"] = "on",
            ["synchronous_commit"] = "on",
            ["full_page_writes"] = "on",
            // Statements of a shop are short: compiling them costs more than it saves.
            ["jit"] = "off",
            ["logging_collector"] = "off",
            ["log_destination"] = "stderr",
            ["log_line_prefix"] = "%m [%p] ",
            ["lc_messages"] = "C",
        };
        string[] arguments = ["-D", Settings.DataDirectory, .. settings.SelectMany(s => new[] { "-c", $"{s.Key}={s.Value}" })];
        return ChildProcess.Start(Start("postgres", arguments), guardian, onLine);
    }

    protected override async Task<string?> ProbeAsync(NetworkStream stream, CancellationToken ct)
    {
        // StartupMessage and the first byte of its answer, protocol 3.0: 'R' asks for the password, 'E' refuses.
        var parameters = Encoding.UTF8.GetBytes($"user\0{Settings.UserName}\0database\0postgres\0\0");
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), Protocol3);
        parameters.CopyTo(message, 8);
        await stream.WriteAsync(message, ct);

        var answer = new byte[512];
        var length = await stream.ReadAtLeastAsync(answer, 5, throwOnEndOfStream: false, ct);
        return length == 0 ? "the connection was closed"
            : answer[0] == (byte)'R' ? null
            : Encoding.UTF8.GetString(answer, 5, Math.Max(0, length - 5)).Split('\0').FirstOrDefault(f => f.StartsWith('M'))?[1..] ?? "an unexpected answer";
    }

    private IEnumerable<string> BinaryDirectories()
    {
        IEnumerable<string> onPath = SearchPath.Directories.Select(d => Path.Combine(d, "postgres")).Where(File.Exists)
            .Select(p => Path.GetDirectoryName(File.ResolveLinkTarget(p, returnFinalTarget: true)?.FullName ?? p)!);
        return onPath
            .Concat(SearchPath.Places("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/lib64/pgsql/postgresql-*/bin", "opt/homebrew/opt/postgresql@*/bin", "usr/local/opt/postgresql@*/bin"))
            .Where(d => SearchPath.IsExecutable(Path.Combine(d, "initdb")) && SearchPath.IsExecutable(Path.Combine(d, "postgres")) && SearchPath.IsExecutable(Path.Combine(d, "psql")))
            .Distinct();
    }

    private string? MajorOfData()
    {
        var file = Path.Combine(Settings.DataDirectory, "PG_VERSION");
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedHostingException($"{file} can't be read: {e.Message} Make the directory readable for {Environment.UserName}, or choose another with SHOP_DATA.", e);
        }
    }

    /// <summary>PostgreSQL refuses to run as root: then it runs as the user its package made.</summary>
    private async Task ChooseUserAsync(CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        if ((await Command.RunAsync("/bin/sh", ["-c", $"id {UnprivilegedUser}"], ct)).ExitCode != 0)
            throw new EmbeddedHostingException($"PostgreSQL does not run as root, and the user {UnprivilegedUser} does not exist. Type: useradd --system {UnprivilegedUser}");

        var setpriv = SearchPath.Default.Find("setpriv");
        var runuser = SearchPath.Default.Find("runuser");
        if (setpriv is not null)
            _runAs = [setpriv, $"--reuid={UnprivilegedUser}", $"--regid={UnprivilegedUser}", "--init-groups", "--"];
        else if (runuser is not null)
            _runAs = [runuser, "-u", UnprivilegedUser, "--"];
        else
            throw new EmbeddedHostingException("PostgreSQL does not run as root, and neither setpriv nor runuser is here to run it as another user. Install util-linux, or start as an ordinary user.");

        if (await ReachesAsync(ct))
            return;
        // The directories above may be closed (root's home is), and opening them to all is not ours to do: the one
        // process gets the right to pass through instead.
        if (setpriv is not null)
        {
            _runAs = [.. _runAs[..^1], "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"];
            if (await ReachesAsync(ct))
                return;
        }

        throw new EmbeddedHostingException($"Under root PostgreSQL runs as the user {UnprivilegedUser}, who can't reach {Settings.DataDirectory}. Choose a directory all may pass through with SHOP_DATA (for example /var/lib/shop), or start as an ordinary user.");
    }

    private async Task<bool> ReachesAsync(CancellationToken ct) =>
        (await Command.RunAsync(_runAs[0], [.. _runAs[1..], "/bin/sh", "-c", "test -x \"$1\"", "sh", Path.GetDirectoryName(Settings.DataDirectory)!], ct)).ExitCode == 0;

    private async Task CreateClusterAsync(CancellationToken ct)
    {
        // Made beside and moved when it is whole: an interrupted initdb leaves nothing that looks like data.
        var beside = Settings.DataDirectory.TrimEnd('/');
        var fresh = $"{beside}.new";
        var passwordFile = $"{beside}.password";
        if (Directory.Exists(fresh))
            Directory.Delete(fresh, recursive: true);
        MakePrivate(fresh);
        try
        {
            WriteSecret(passwordFile, Settings.Password);
            await GiveAwayAsync(ct, fresh, passwordFile);
            var initdb = Start("initdb", ["-D", fresh, "-U", Settings.UserName, $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", $"--locale={(OperatingSystem.IsLinux() ? "C.UTF-8" : "C")}"]);
            var result = await Command.RunAsync(initdb.FileName, initdb.Arguments, ct);
            if (result.ExitCode != 0)
                throw new EmbeddedHostingException($"PostgreSQL's initdb could not create its data in {Settings.DataDirectory}: {result.LastWords} Check that the disk has space and the directory may be written.");
        }
        finally
        {
            File.Delete(passwordFile);
        }

        Directory.Delete(Settings.DataDirectory);
        Directory.Move(fresh, Settings.DataDirectory);
    }

    private async Task CheckClusterAsync(CancellationToken ct)
    {
        await GiveAwayAsync(ct, Settings.DataDirectory);
        // The server demands it, and a restored copy often has it otherwise.
        MakePrivate(Settings.DataDirectory);

        var control = await Command.RunAsync(Path.Combine(_binaries, "pg_controldata"), ["-D", Settings.DataDirectory], ct, new Dictionary<string, string> { ["LC_ALL"] = "C" });
        if (control.ExitCode != 0 || control.Output.Contains("WARNING", StringComparison.Ordinal))
            throw new EmbeddedHostingException($"The PostgreSQL data in {Settings.DataDirectory} is damaged: {(control.ExitCode == 0 ? "the checksum of its control file is wrong." : control.LastWords)} Restore it from a backup, or start fresh with --reset, which deletes the data.");
    }

    private async Task GiveAwayAsync(CancellationToken ct, params string[] paths)
    {
        if (_runAs.Length == 0)
            return;
        var result = await Command.RunAsync("chown", ["-R", $"{UnprivilegedUser}:{UnprivilegedUser}", .. paths], ct);
        if (result.ExitCode != 0)
            throw new EmbeddedHostingException($"{paths[0]} can't be given to the user {UnprivilegedUser}, as whom PostgreSQL runs under root: {result.LastWords} Choose a directory on a disk with owners with SHOP_DATA.");
    }

    /// <summary>
    /// A server that was killed leaves its lock file, and backends that notice a moment later; both would stop the next start.
    /// </summary>
    private async Task ClearPredecessorAsync(CancellationToken ct)
    {
        var lockFile = Path.Combine(Settings.DataDirectory, "postmaster.pid");
        var deadline = Environment.TickCount64 + (long)PredecessorGrace.TotalMilliseconds;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (File.Exists(lockFile) && PostmasterIn(lockFile) is { } postmaster)
        {
            if (Environment.TickCount64 > deadline)
                throw new EmbeddedHostingException($"A PostgreSQL server (process {postmaster}) is running on {Settings.DataDirectory} already. End it (kill -INT {postmaster}), then start again.");
            await poll.WaitForNextTickAsync(ct);
        }

        // Without their postmaster the backends have nobody to serve, and what they did not commit is undone anyway.
        foreach (var backend in ProcessesIn(Settings.DataDirectory))
            Posix.Kill(backend, Posix.SigKill);
        while (ProcessesIn(Settings.DataDirectory).Any() && Environment.TickCount64 <= deadline)
            await poll.WaitForNextTickAsync(ct);
        File.Delete(lockFile);
    }

    /// <summary>The living server the lock file names, or null. Its number alone proves little: after a reboot anybody may have it.</summary>
    private int? PostmasterIn(string lockFile)
    {
        if (!int.TryParse(File.ReadLines(lockFile).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) || !Posix.IsAlive(id))
            return null;
        return !Directory.Exists("/proc/self") || ProcessesIn(Settings.DataDirectory).Contains(id) ? id : null;
    }

    /// <summary>Every process of a PostgreSQL server works in its data directory. Empty where there is no /proc.</summary>
    private static IEnumerable<int> ProcessesIn(string directory)
    {
        if (!Directory.Exists("/proc/self"))
            yield break;
        var wanted = Path.GetFullPath(directory).TrimEnd('/');
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;
            string? cwd = null;
            string? name = null;
            try
            {
                cwd = new FileInfo($"{process}/cwd").LinkTarget;
                name = File.ReadAllText($"{process}/comm").Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or belongs to another user and so is none of ours.
            }

            if (cwd == wanted && name is ("postgres" or "postmaster"))
                yield return id;
        }
    }

    private ProcessStart Start(string program, IReadOnlyList<string> arguments)
    {
        string[] command = [.. _runAs, Path.Combine(_binaries, program), .. arguments];
        // Its own directory may be closed to us before the user is changed; the server goes there by itself.
        return new ProcessStart(command[0], command[1..], "/", new Dictionary<string, string> { ["HOME"] = Settings.DataDirectory, ["LC_ALL"] = "C" })
        {
            StopSignal = PosixSignal.SIGINT,
        };
    }
}
