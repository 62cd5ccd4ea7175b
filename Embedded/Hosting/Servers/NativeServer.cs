using System.Net;
using System.Net.Sockets;
using Embedded.Hosting.Processes;

namespace Embedded.Hosting.Servers;

/// <summary>A database, cache or broker of this machine, started privately: own data, own port, loopback only.</summary>
internal abstract class NativeServer(ServerSettings settings)
{
    private const int LastLines = 6;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly Queue<string> _lastLines = [];
    private ChildProcess? _mainProcess;

    /// <summary>The one whose exit means that the server is down.</summary>
    public ChildProcess MainProcess => _mainProcess ?? throw new InvalidOperationException($"{Settings.ResourceName} has not been started.");

    /// <summary>Null before the first start.</summary>
    public int? MainProcessId => _mainProcess?.Id;

    /// <summary>Where the server's programs are looked for.</summary>
    public SearchPath SearchPath { get; init; } = SearchPath.Default;

    /// <summary>Free space the data directory must have at the start, in bytes.</summary>
    public long RequiredSpace { get; init; } = 200L << 20;

    /// <summary>How long a start may take, the recovery after a crash included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(90);

    protected ServerSettings Settings { get; } = settings;

    /// <summary>What people call it: "PostgreSQL".</summary>
    protected abstract string Product { get; }

    /// <summary>Finds or installs the programs, and checks and initialises the data directory.</summary>
    /// <param name="announce">Told what takes long or changes the machine.</param>
    /// <exception cref="EmbeddedHostingException">What stands in the way, and what to do.</exception>
    public async Task PrepareAsync(Action<string> announce, CancellationToken ct)
    {
        await LocateAsync(announce, ct);
        try
        {
            Directory.CreateDirectory(Settings.DataDirectory);
            Directory.CreateDirectory(Settings.LogDirectory);
            CheckSpace();
            await InitialiseAsync(announce, ct);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedHostingException($"The data directory {Settings.DataDirectory} of {Settings.ResourceName} can't be used: {e.Message} Make it writable for {Environment.UserName}, or choose another with SHOP_DATA.", e);
        }
        catch (IOException e)
        {
            throw new EmbeddedHostingException($"The data directory {Settings.DataDirectory} of {Settings.ResourceName} can't be used: {e.Message} Free the path, or choose another with SHOP_DATA.", e);
        }
    }

    /// <summary>Starts the server and returns when it answers.</summary>
    /// <exception cref="EmbeddedHostingException">It ended instead, or took too long; the message carries its last words.</exception>
    public async Task StartAsync(Guardian guardian, Action<string, bool> onLine, CancellationToken ct)
    {
        lock (_lastLines)
            _lastLines.Clear();

        var process = _mainProcess = await LaunchAsync(guardian, (line, isError) =>
        {
            lock (_lastLines)
            {
                _lastLines.Enqueue(line);
                if (_lastLines.Count > LastLines)
                    _lastLines.Dequeue();
            }

            onLine(line, isError);
        }, ct);

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(StartTimeout);
        try
        {
            while (await CheckHealthAsync(timeout.Token) is not null)
            {
                if (process.HasExited)
                    throw Died(await process.Exited);
                await Task.WhenAny(process.Exited, Task.Delay(PollInterval, timeout.Token));
                timeout.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Kill();
            throw new EmbeddedHostingException($"{Product} did not answer within {StartTimeout.TotalSeconds:0} s of its start. Its last words: {LastWords()} Start again; the data in {Settings.DataDirectory} is kept.");
        }
    }

    /// <returns>Null when healthy, otherwise why not.</returns>
    public async Task<string?> CheckHealthAsync(CancellationToken ct)
    {
        if (_mainProcess is not { HasExited: false })
            return "the process is not running";

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Settings.Port, timeout.Token);
            return await ProbeAsync(client.GetStream(), timeout.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return "no answer within 3 s";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return $"port {Settings.Port}: {e.Message}";
        }
    }

    public virtual async Task StopAsync(TimeSpan grace)
    {
        if (_mainProcess is not null)
            await _mainProcess.StopAsync(grace);
    }

    /// <summary>SIGKILL to the server and all its processes.</summary>
    public virtual void Kill() => _mainProcess?.Kill();

    public void Suspend() => _mainProcess?.Suspend();

    public void Resume() => _mainProcess?.Resume();

    /// <summary>Finds the programs, or has them installed.</summary>
    protected abstract Task LocateAsync(Action<string> announce, CancellationToken ct);

    /// <summary>Checks the data that is there, or creates it.</summary>
    protected abstract Task InitialiseAsync(Action<string> announce, CancellationToken ct);

    protected abstract Task<ChildProcess> LaunchAsync(Guardian guardian, Action<string, bool> onLine, CancellationToken ct);

    /// <summary>Speaks so much of the server's protocol that a yes means it serves.</summary>
    protected abstract Task<string?> ProbeAsync(NetworkStream stream, CancellationToken ct);

    /// <summary>Writes a file that only its owner may read.</summary>
    protected static void WriteSecret(string path, string content)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(new FileStream(path, options));
        file.Write(content);
    }

    /// <summary>Lets only its owner into a directory, which is created when missing.</summary>
    protected static void MakePrivate(string directory)
    {
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private EmbeddedHostingException Died(int exitCode) =>
        new($"{Product} ended at its start (exit code {exitCode}). Its last words: {LastWords()} The data in {Settings.DataDirectory} is kept; if it is damaged beyond repair, --reset starts fresh.");

    private string LastWords()
    {
        lock (_lastLines)
            return _lastLines.Count == 0 ? "none." : string.Join(" / ", _lastLines);
    }

    private void CheckSpace()
    {
        var free = new DriveInfo(Settings.DataDirectory).AvailableFreeSpace;
        if (free < RequiredSpace)
            throw new EmbeddedHostingException($"Only {free >> 20} MB are free where {Settings.ResourceName} keeps its data ({Settings.DataDirectory}), {RequiredSpace >> 20} MB are needed. Free some space, or choose another disk with SHOP_DATA.");
    }
}
