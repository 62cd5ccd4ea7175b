using Microsoft.Extensions.Configuration;

namespace Shop.AppHost;

/// <summary>
/// What the AppHost's own configuration asks for, by command line (<c>--Replicas:apiservice=3</c>), environment
/// (<c>Replicas__apiservice=3</c>) or user secrets.
/// </summary>
internal sealed class ShopSettings(IConfiguration configuration, string[] arguments)
{
    private const int MaximumReplicas = 16;

    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["--scale"] = "--Replicas:apiservice=3",
        ["--port"] = "--Ports:webfrontend=9080",
        ["--catalog"] = "--Catalog=my-products.csv",
        ["--mail"] = "--Mail=./mail",
        ["--reset"] = "the command \"Reset the data\" of migrations in the dashboard",
        ["--help"] = "the options in README.md",
        ["-h"] = "the options in README.md",
    };

    private readonly List<string> _mistakes = [.. arguments.Where(Renamed.ContainsKey).Select(
        argument => $"{argument} is not an option: use {Renamed[argument]}.")];

    /// <summary>What is wrong with the values that were asked for, a sentence each.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    /// <summary>What tells the migrations to load another catalogue, <c>Catalog</c>; nothing for the one that is shipped.</summary>
    public string[] CatalogArguments
    {
        get
        {
            if (configuration["Catalog"] is not { Length: > 0 } file)
                return [];
            var path = FromCaller(file);
            if (!File.Exists(path))
                _mistakes.Add($"There is no catalogue file '{path}': give --Catalog the path of a CSV file in Shopify's product format.");
            return ["--catalog", path];
        }
    }

    /// <summary>The folder for e-mails when there is no mail server: <c>Mail</c>, else one beside the servers' data.</summary>
    public string MailFolder
    {
        get
        {
            var path = configuration["Mail"] is { Length: > 0 } chosen
                ? FromCaller(chosen)
                : Path.Combine(LocalServers.DataFolder.Path, "mail");
            try
            {
                return Directory.CreateDirectory(path).FullName;
            }
            catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
            {
                _mistakes.Add($"The folder '{path}' for e-mails can't be used: {unusable.Message} Choose another with --Mail=FOLDER.");
                return path;
            }
        }
    }

    /// <summary>How many of a service are to run: <c>Replicas:NAME</c>, 1 to 16.</summary>
    public int Replicas(string service) => Number($"Replicas:{service}", 1, MaximumReplicas);

    /// <summary>A service's fixed port: <c>Ports:NAME</c>.</summary>
    public int Port(string service, int usual) => Number($"Ports:{service}", usual, ushort.MaxValue);

    /// <summary>A service's fixed port for management, <c>ManagementPorts:NAME</c>; any free one unless given.</summary>
    public int? ManagementPort(string service) =>
        configuration[$"ManagementPorts:{service}"] is { Length: > 0 } ? Number($"ManagementPorts:{service}", 0, ushort.MaxValue) : null;

    private int Number(string key, int usual, int maximum)
    {
        if (configuration[key] is not { Length: > 0 } text)
            return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= maximum)
            return number;
        _mistakes.Add($"--{key} needs a whole number from 1 to {maximum}, not '{text}'.");
        return usual;
    }

    /// <summary><c>dotnet run</c> starts the AppHost in its project's folder; the caller's own is in PWD then.</summary>
    private static string FromCaller(string path) =>
        !Path.Exists(path) && Environment.GetEnvironmentVariable("PWD") is { Length: > 0 } caller
            ? Path.GetFullPath(path, caller)
            : Path.GetFullPath(path);
}
