using System.Reflection;
using System.Runtime.Versioning;
using Shop.AppHost;
using Shop.Tests.LocalServers;
using static System.Net.NetworkInformation.IPGlobalProperties;

namespace Shop.Tests.AppHost;

/// <summary>The AppHost as its user starts it, with data, secrets and ports of its own.</summary>
[SupportedOSPlatform("linux")]
internal sealed class AppHostProcess : IAsyncDisposable
{
    private static readonly string[] Fixed = ["webfrontend", "apiservice", "dashboard"];

    private readonly Process _process;
    private readonly string _data;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private AppHostProcess(Process process, string data)
    {
        (_process, _data) = (process, data);
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it wrote to its standard output.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    public string Errors => string.Join(Environment.NewLine, _errors);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A free port for each that is promised to people; neither connections nor other tests' servers get it meanwhile.</summary>
    public static string[] FreePorts() => [.. Fixed.Zip(
        Random.Shared.GetItems(
            [.. Enumerable.Range(10000, 5000).Except(GetIPGlobalProperties().GetActiveTcpListeners().Select(at => at.Port))],
            99).Distinct(),
        (name, port) => $"--Ports:{name}={port}")];

    /// <param name="data">Its folder of data.</param>
    /// <param name="arguments">What stands after its name.</param>
    /// <param name="environment">What it finds beside the environment of the tests.</param>
    public static AppHostProcess Start(string data, string[] arguments, params (string Name, string Value)[] environment)
    {
        var output = typeof(ShopSettings).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(entry => entry.Key == "BuildOutput").Value!;
        var start = new ProcessStartInfo(Repository.File("Shop.AppHost", output, "Shop.AppHost"), arguments)
        {
            WorkingDirectory = Repository.File("Shop.AppHost"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Where .NET looks for user secrets first.
        (string, string)[] own = [("SHOP_DATA", data), ("APPDATA", data), ("DOTNET_ENVIRONMENT", "Development"), ("SHOP_SERVERS", "local")];
        foreach (var (name, value) in own.Concat(environment))
            start.Environment[name] = value;
        return new AppHostProcess(Process.Start(start)!, data);
    }

    /// <summary>Runs it to its end; nothing may be left of it.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string data, string[] arguments, params (string Name, string Value)[] environment)
    {
        await using var shop = Start(data, arguments, environment);
        var exitCode = await shop.EndAsync(SmallApp.Patience);
        await shop.IsGoneAsync(SmallApp.Patience);
        return (exitCode, shop.Output, shop.Errors);
    }

    /// <summary>Waits for the line that says that all is up.</summary>
    public Task<string> IsUpAsync() => SaysAsync("All is up after");

    public Task<string> SaysAsync(string words) => Eventually.SeesAsync(
        SmallApp.StartLimit,
        () => Task.FromResult($"{Output}{Environment.NewLine}{Errors}"),
        said => said.Contains(words, StringComparison.Ordinal) || _process.HasExited,
        $"the AppHost says '{words}'");

    /// <summary>What Ctrl-C and a system's end do.</summary>
    public void AskToEnd()
    {
        using var kill = Process.Start("kill", ["-s", "TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>What nothing can prepare for.</summary>
    public void Kill() => _process.Kill();

    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(TimeSpan within)
    {
        try
        {
            await _process.WaitForExitAsync(Cancellation).WaitAsync(within, Cancellation);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The AppHost still runs after {within.TotalSeconds:0} s. It said: {Output}{Errors}");
        }
    }

    /// <summary>Waits until no process is left of all that it had started.</summary>
    public Task IsGoneAsync(TimeSpan within) => Eventually.SeesAsync(
        within, () => Task.FromResult(string.Join(Environment.NewLine, SmallApp.ProcessesOf(_data))), left => left == "",
        "nothing is left of the shop");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
