global using Shop.AppHost;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Shop.AppHost;

/// <summary>What the AppHost's own command line asks for; everything else goes on to the engine in <see cref="HostArguments"/>.</summary>
public sealed class AppHostOptions
{
    private const int MaximumReplicas = 16;
    private const string Reset = "--reset";

    private const string Usage = """
        dotnet run --project Shop.AppHost -- [options]

          --scale NAME=COUNT ...   replicas of apiservice, webfrontend or worker, 1 to 16 each
          --port NAME=PORT ...     another port for webfrontend (8080) or apiservice (8081)
          --catalog FILE           a product CSV of your own instead of the one that is shipped
          --mail FOLDER            where e-mails are kept as .eml files when no mail server is configured
          --reset                  start with fresh data: orders, stock, secrets and e-mails of earlier runs are deleted
          --help                   this text

        Aspire's own arguments (--publisher, --operation, --output-path, --step, --environment, KEY=VALUE, --Section:Key=VALUE) are passed on.
        """;

    private static readonly string[] Scalable = ["apiservice", "webfrontend", "worker"];
    private static readonly string[] WithPort = ["webfrontend", "apiservice"];
    private static readonly string[] OfAspire =
    [
        "--publisher", "--operation", "--output-path", "--step", "--environment", "--log-level", "--include-exception-details", "--clear-cache", "--yes",
        "--dcp-cli-path", "--dcp-container-runtime", "--dcp-dependency-check-timeout", "--dcp-dashboard-path",
    ];

    private readonly Dictionary<string, int> _replicas = [];
    private readonly Dictionary<string, int> _ports = [];
    private readonly List<string> _hostArguments = [];
    private string? _mailDirectory;

    private AppHostOptions()
    {
    }

    /// <summary>What the engine gets: Aspire's own arguments, and <c>--reset</c>, which the embedded engine understands.</summary>
    public string[] HostArguments => [.. _hostArguments];

    /// <summary>What tells the migrations to load another catalogue; empty for the one that is shipped.</summary>
    public string[] CatalogArguments { get; private set; } = [];

    /// <summary>An existing folder for e-mails: the one asked for, else in the user's data, else a temporary one.</summary>
    public string MailDirectory => _mailDirectory ??= CreateMailDirectory();

    /// <param name="args">The command line.</param>
    /// <param name="options">What it asks for.</param>
    /// <param name="answer">What is wrong and what is allowed instead, or the help that was asked for.</param>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out AppHostOptions? options, [NotNullWhen(false)] out CommandLineAnswer? answer)
    {
        var parsed = new AppHostOptions();
        answer = args.Any(IsHelp)
            ? new CommandLineAnswer(Usage, IsMistake: false)
            : parsed.Read(args) is { } mistake ? new CommandLineAnswer(mistake, IsMistake: true) : null;
        options = answer is null ? parsed : null;
        return answer is null;
    }

    public int Replicas(string resourceName) => _replicas.GetValueOrDefault(resourceName, 1);

    public int Port(string resourceName, int defaultPort) => _ports.GetValueOrDefault(resourceName, defaultPort);

    private static bool IsHelp(string argument) => argument is "--help" or "-h" or "-?";

    private string? Read(string[] args)
    {
        var reset = false;
        for (var i = 0; i < args.Length; i++)
        {
            var (option, attached) = Split(args[i]);
            string? mistake = null;
            switch (option)
            {
                case Reset when attached is null:
                    reset = true;
                    break;
                case "--scale":
                    mistake = ReadPairs(option, Values(args, ref i, attached), _replicas, Scalable, 1, MaximumReplicas);
                    break;
                case "--port":
                    mistake = ReadPairs(option, Values(args, ref i, attached), _ports, WithPort, 1, ushort.MaxValue)
                        ?? (_ports.Count == 2 && _ports["webfrontend"] == _ports["apiservice"] ? "webfrontend and apiservice can't share a port: give each its own." : null);
                    break;
                case "--catalog":
                    mistake = ReadCatalog(Values(args, ref i, attached));
                    break;
                case "--mail":
                    mistake = ReadMail(Values(args, ref i, attached));
                    break;
                default:
                    mistake = ReadForAspire(args, ref i, option, attached);
                    break;
            }

            if (mistake is not null) return mistake;
        }

        // Last, because a reader of plain key-value arguments would take whatever follows for its value.
        if (reset) _hostArguments.Add(Reset);
        return null;
    }

    private static (string Option, string? Attached) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return argument.StartsWith("--", StringComparison.Ordinal) && equals > 0
            ? (argument[..equals], argument[(equals + 1)..])
            : (argument, null);
    }

    // The values after an option reach up to the next option. `--scale=worker=2` is understood as well.
    private static List<string> Values(string[] args, ref int i, string? attached)
    {
        if (attached is not null) return [attached];

        var values = new List<string>();
        while (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            values.Add(args[++i]);

        return values;
    }

    private static string? ReadPairs(
        string option, List<string> values, Dictionary<string, int> pairs, string[] names, int minimum, int maximum)
    {
        var example = string.Create(CultureInfo.InvariantCulture, $"{option} {names[0]}={(maximum == MaximumReplicas ? 3 : 9080)}");
        if (values.Count == 0) return $"{option} needs at least one NAME=NUMBER, such as `{example}`.";

        foreach (var value in values)
        {
            if (value.Split('=') is not [var name, var text]) return $"'{value}' is not of the form NAME=NUMBER that {option} needs, such as `{example}`.";

            if (!names.Contains(name)) return $"{option} doesn't know '{name}': it takes {string.Join(", ", names)}.";

            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < minimum || number > maximum)
                return string.Create(CultureInfo.InvariantCulture, $"{option} {name} needs a whole number from {minimum} to {maximum}, not '{text}'.");

            if (!pairs.TryAdd(name, number)) return $"{option} is given twice for {name}: say it once.";
        }

        return null;
    }

    private string? ReadCatalog(List<string> values)
    {
        if (values is not [var file]) return "--catalog needs one file, such as `--catalog my-products.csv`.";

        if (CatalogArguments.Length > 0) return "--catalog is given twice: one file can be loaded at a time.";

        var path = FromCaller(file);
        if (!File.Exists(path)) return $"There is no catalogue file '{path}': give the path of a CSV file in Shopify's product format.";

        CatalogArguments = ["--catalog", path];
        return null;
    }

    private string? ReadMail(List<string> values)
    {
        if (values is not [var folder]) return "--mail needs one folder, such as `--mail ./mail`.";

        var path = FromCaller(folder);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The folder '{path}' for e-mails can't be used: {exception.Message} Choose another with --mail FOLDER.";
        }

        _mailDirectory = path;
        return null;
    }

    /// <summary>`dotnet run` may start the AppHost in its project's folder; the caller's own is in PWD then.</summary>
    private static string FromCaller(string path) =>
        !Path.Exists(path) && Environment.GetEnvironmentVariable("PWD") is { Length: > 0 } caller
            ? Path.GetFullPath(path, caller)
            : Path.GetFullPath(path);

    private string? ReadForAspire(string[] args, ref int i, string option, string? attached)
    {
        var isPair = option.StartsWith("--", StringComparison.Ordinal)
            ? attached is not null && (option.Contains(':', StringComparison.Ordinal) || OfAspire.Contains(option))
            : args[i].IndexOf('=', StringComparison.Ordinal) > 0;
        if (isPair)
        {
            _hostArguments.Add(args[i]);
            return null;
        }

        if (!OfAspire.Contains(option)) return $"'{args[i]}' is not an option of this AppHost.\n\n{Usage}";

        if (i + 1 == args.Length) return $"{option} needs a value.";

        _hostArguments.AddRange([option, args[++i]]);
        return null;
    }

    private static string CreateMailDirectory()
    {
        var data = Environment.GetEnvironmentVariable("SHOP_DATA") is { Length: > 0 } chosen
            ? Path.GetFullPath(chosen)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "shop");
        try
        {
            return Directory.CreateDirectory(Path.Combine(data, "mail")).FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // E-mails are only to be looked at: a folder of this run alone does as well.
            return Directory.CreateTempSubdirectory("shop-mail-").FullName;
        }
    }
}
