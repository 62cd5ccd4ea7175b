namespace Shop.Benchmarks.Scenarios;

/// <summary>What the command line asks for.</summary>
public sealed class BenchmarkOptions
{
    private const int MostConnections = 4096;
    private const int MostRuns = 100;
    private const int MostSeconds = 3600;
    private const int MostRounds = 10_000;
    private const int MostReplicas = 16;

    private const string OutputOption = "--output";

    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _settings = [];

    private BenchmarkOptions(string[] arguments) => _arguments = arguments;

    /// <summary>As they were typed, for the record; without the folder, which is this machine's.</summary>
    public IEnumerable<string> Arguments =>
        _arguments.Where((argument, index) => argument != OutputOption && _arguments.ElementAtOrDefault(index - 1) != OutputOption);

    /// <summary>Every window is measured so often; medians are told.</summary>
    public int Runs { get; private set; } = 3;

    /// <summary>The length of a measured window; null for the scenario's own.</summary>
    public TimeSpan? Window { get; private set; }

    /// <summary>Of the load generator; null for the scenario's own.</summary>
    public IReadOnlyList<int>? Connections { get; private set; }

    /// <summary>Requests a second of an open loop; null for the scenario's own.</summary>
    public double? Rate { get; private set; }

    /// <summary>Where JSON and charts go; <c>docs/benchmarks</c> of this repository if not said.</summary>
    public string Output { get; private set; } = Path.GetFullPath("../docs/benchmarks", Projects.Shop_AppHost.ProjectPath);

    /// <summary>Load the gateway, as customers do, instead of the API's replicas themselves.</summary>
    public bool Gateway { get; private set; }

    /// <summary>Leave the worker running while the intake is measured.</summary>
    public bool WithWorker { get; private set; }

    /// <summary>Whoever buys in the flash sale follows the order on its page.</summary>
    public bool Watched { get; private set; }

    public int ApiReplicas { get; private set; } = 1;

    public int WorkerReplicas { get; private set; } = 1;

    /// <summary>Orders that <c>drain</c> places.</summary>
    public int Orders { get; private set; } = 20_000;

    /// <summary>Rounds of chaos.</summary>
    public int Rounds { get; private set; } = 30;

    /// <summary>What the chaos does is drawn from it; null for another each time.</summary>
    public int? Seed { get; private set; }

    /// <summary>How long each round of chaos loads the shop.</summary>
    public TimeSpan SecondsOfLoad { get; private set; } = TimeSpan.FromSeconds(8);

    /// <summary>Configuration of API and worker, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <param name="arguments">The command line after the scenario.</param>
    /// <param name="options">What it asks for.</param>
    /// <returns>What is wrong with it, as a sentence; null when nothing is.</returns>
    public static string? TryParse(string[] arguments, out BenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        options = new BenchmarkOptions(arguments);
        for (var index = 0; index < arguments.Length; index++)
        {
            var option = arguments[index];
            if (option is "--gateway" or "--with-worker" or "--watched")
            {
                options.Watched |= option == "--watched";
                options.Gateway |= option == "--gateway";
                options.WithWorker |= option == "--with-worker";
                continue;
            }

            if (!Knows(option))
                return $"'{option}' is not an option. --help lists all.";
            if (++index == arguments.Length)
                return $"{option} needs a value.";
            if (options.Read(option, arguments[index]) is { } mistake)
                return mistake;
        }

        return null;
    }

    private static bool Knows(string option) => option
        is "--runs" or "--seconds" or "--connections" or "--rate" or OutputOption or "--api-replicas" or "--worker-replicas" or "--orders"
        or "--rounds" or "--seed" or "--seconds-of-load" or "--set";

    private string? Read(string option, string value)
    {
        switch (option)
        {
            case OutputOption:
                Output = Path.GetFullPath(value);
                return null;
            case "--set":
                if (value.Split('=', 2) is not [{ Length: > 0 } name, var setting])
                    return $"--set needs NAME=VALUE, such as `--set Ordering__Intake__MaxBatch=100`, not '{value}'.";
                _settings[name] = setting;
                return null;
            case "--connections":
                var connections = new List<int>();
                foreach (var part in value.Split(','))
                {
                    if (Number(option, part, 1, MostConnections, out var count) is { } mistake)
                        return mistake;
                    connections.Add(count);
                }

                Connections = connections;
                return null;
            case "--seed":
                var wrong = Number(option, value, 0, int.MaxValue, out var seed);
                Seed = seed;
                return wrong;
            default:
                return ReadNumber(option, value);
        }
    }

    private string? ReadNumber(string option, string value)
    {
        var most = option switch
        {
            "--runs" => MostRuns,
            "--rounds" => MostRounds,
            "--seconds" or "--seconds-of-load" => MostSeconds,
            "--api-replicas" or "--worker-replicas" => MostReplicas,
            _ => 1_000_000,
        };
        if (Number(option, value, 1, most, out var number) is { } mistake)
            return mistake;
        switch (option)
        {
            case "--runs":
                Runs = number;
                break;
            case "--seconds":
                Window = TimeSpan.FromSeconds(number);
                break;
            case "--rate":
                Rate = number;
                break;
            case "--api-replicas":
                ApiReplicas = number;
                break;
            case "--worker-replicas":
                WorkerReplicas = number;
                break;
            case "--orders":
                Orders = number;
                break;
            case "--rounds":
                Rounds = number;
                break;
            default:
                SecondsOfLoad = TimeSpan.FromSeconds(number);
                break;
        }

        return null;
    }

    private static string? Number(string option, string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{option} needs a whole number from {least} to {most}, not '{text}'.");
}
