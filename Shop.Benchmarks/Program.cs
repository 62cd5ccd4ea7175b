using System.Runtime.InteropServices;
using Shop.Benchmarks;
using Shop.Benchmarks.Scenarios;

if (args is [] or ["--help" or "-h" or "-?", ..] || args.Contains("--help"))
{
    Console.WriteLine(ScenarioList.Usage);
    return args is [] ? 2 : 0;
}

if (!ScenarioList.TryFind(args[0], out var scenario))
{
    var names = string.Join(", ", ScenarioList.Names);
    Console.Error.WriteLine($"There is no scenario '{args[0]}'. There are {names}; --help says what each does.");
    return 2;
}

if (BenchmarkOptions.TryParse(args[1..], out var options) is { } mistake)
{
    Console.Error.WriteLine(mistake);
    return 2;
}

if (!Machine.IsOptimized)
    Console.Error.WriteLine("This is a debug build, whose figures say nothing: `dotnet run -c Release --project Shop.Benchmarks -- ...`.");

using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await scenario(options, stopping.Token) ? 0 : 1;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
catch (Exception failure) when (failure is ShopFailedException or TimeoutException or HttpRequestException or Npgsql.NpgsqlException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
