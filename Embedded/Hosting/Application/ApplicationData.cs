using System.Text.Json;

namespace Embedded.Hosting;

/// <summary>
/// The folder that holds what an application keeps between runs (volumes, secrets) and its logs. In tests it is a fresh
/// temporary one, deleted at the end. Nothing is created before <see cref="Open"/> or the first secret.
/// </summary>
internal sealed class ApplicationData : IDisposable
{
    private const UnixFileMode UserOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _applicationName;
    private readonly bool _reset;
    private readonly Lock _gate = new();
    private Dictionary<string, string>? _secrets;
    private FileStream? _lock;

    private ApplicationData(string applicationName, string directory, bool isTemporary, bool reset)
    {
        _applicationName = applicationName;
        _reset = reset;
        RootDirectory = directory;
        IsTemporary = isTemporary;
    }

    public string ApplicationName => _applicationName;

    public string RootDirectory { get; }

    /// <summary>Whether this is a test's folder: then every port is free to choose as well.</summary>
    public bool IsTemporary { get; }

    public string LogDirectory => Path.Combine(RootDirectory, "logs");

    private string SecretsFile => Path.Combine(RootDirectory, "secrets.json");

    private string LockFile => Path.Combine(RootDirectory, "lock");

    public static ApplicationData OfUser(string applicationName, bool reset)
    {
        var directory = Environment.GetEnvironmentVariable("SHOP_DATA") is { Length: > 0 } chosen
            ? Path.GetFullPath(chosen)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), applicationName);
        return new ApplicationData(applicationName, directory, isTemporary: false, reset);
    }

    public static ApplicationData Temporary(string applicationName) => new(
        applicationName,
        Path.Combine(Path.GetTempPath(), $"{applicationName}-{Guid.NewGuid().ToString("N")[..12]}"),
        isTemporary: true,
        reset: false);

    /// <summary>Takes the folder for this application alone.</summary>
    /// <exception cref="EmbeddedHostingException">The folder can't be used, or another application uses it.</exception>
    public void Open()
    {
        lock (_gate)
        {
            Guarded(() =>
            {
                CreateRoot();
                if (!IsTemporary) TakeLock();
            });
        }
    }

    /// <summary>Empties the folder when that was asked for, and begins new logs.</summary>
    /// <exception cref="EmbeddedHostingException">The folder can't be used.</exception>
    public void Prepare(Action<string> announce)
    {
        lock (_gate)
        {
            Guarded(() =>
            {
                if (_reset)
                {
                    announce($"Deleting this application's data in {RootDirectory}, as --reset asks.");
                    DeleteContents();
                }

                DeleteIfThere(LogDirectory);
                DeleteIfThere(Path.Combine(RootDirectory, "temporary"));
                Directory.CreateDirectory(LogDirectory);
            });
        }
    }

    /// <summary>Where a resource keeps its data: a kept volume, or a folder of this run alone when it has no volume.</summary>
    public string DataDirectoryOf(IResource resource)
    {
        var volume = resource.Annotations.OfType<DataVolumeAnnotation>().LastOrDefault();
        var directory = volume is null
            ? Path.Combine(RootDirectory, "temporary", resource.Name)
            : Path.Combine(RootDirectory, "volumes", volume.Name);
        Guarded(() => Directory.CreateDirectory(Path.GetDirectoryName(directory)!));
        return directory;
    }

    /// <summary>A resource begins anew; it must be stopped.</summary>
    public void DeleteDataOf(IResource resource) => Guarded(() => DeleteIfThere(DataDirectoryOf(resource)));

    /// <summary>The value kept under this name, or a new one that is kept from now on.</summary>
    public string GetOrCreateSecret(string name, Func<string> create)
    {
        lock (_gate)
        {
            return Guarded(() =>
            {
                _secrets ??= ReadSecrets();
                if (!_secrets.TryGetValue(name, out var value))
                {
                    _secrets[name] = value = create();
                    WriteSecrets(_secrets);
                }

                return value;
            });
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                if (IsTemporary)
                {
                    KeepLogs();
                    DeleteIfThere(RootDirectory);
                }
                else
                {
                    DeleteIfThere(Path.Combine(RootDirectory, "temporary"));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // What is left of a temporary folder is the system's to clean; the run itself is over and went well.
            }

            _lock?.Dispose();
            _lock = null;
        }
    }

    private void CreateRoot()
    {
        if (Directory.Exists(RootDirectory)) return;

        // Others may pass through: under root, Postgres runs as another user. What is secret has a mode of its own.
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(RootDirectory);
        else Directory.CreateDirectory(RootDirectory, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    private void TakeLock()
    {
        if (_lock is not null) return;

        try
        {
            _lock = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException) && File.Exists(LockFile))
        {
            throw new EmbeddedHostingException(
                $"Another AppHost is running with the data in {RootDirectory}. Stop it first, or give this one data of its own: SHOP_DATA=FOLDER.", exception);
        }
    }

    // SHOP_DATA may name a folder that holds other things as well: only what is known to be the application's is deleted.
    private void DeleteContents()
    {
        foreach (var name in (string[])["volumes", "temporary", "logs"])
            DeleteIfThere(Path.Combine(RootDirectory, name));

        File.Delete(SecretsFile);
        // What has been handed out already must also be found by the next run.
        if (_secrets is not null) WriteSecrets(_secrets);

        var mail = Path.Combine(RootDirectory, "mail");
        if (Directory.Exists(mail))
        {
            foreach (var message in Directory.EnumerateFiles(mail, "*.eml"))
                File.Delete(message);
        }
    }

    private static void DeleteIfThere(string directory)
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private Dictionary<string, string> ReadSecrets()
    {
        if (!File.Exists(SecretsFile)) return [];

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(SecretsFile)) ?? [];
        }
        catch (JsonException exception)
        {
            throw new EmbeddedHostingException(
                $"{SecretsFile}, which holds the passwords of the servers, can't be read: {exception.Message} Restore it, or start with --reset to begin with new data.",
                exception);
        }
    }

    private void WriteSecrets(Dictionary<string, string> secrets)
    {
        CreateRoot();
        var fresh = SecretsFile + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UserOnlyFile;
        using (var file = new FileStream(fresh, options))
        {
            JsonSerializer.Serialize(file, secrets);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, SecretsFile, overwrite: true);
    }

    private void KeepLogs()
    {
        if (Environment.GetEnvironmentVariable("SHOP_KEEP_LOGS") is not { Length: > 0 } keep || !Directory.Exists(LogDirectory)) return;

        var destination = Path.Combine(Path.GetFullPath(keep), Path.GetFileName(RootDirectory));
        foreach (var file in Directory.EnumerateFiles(LogDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(destination, Path.GetRelativePath(LogDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    private void Guarded(Action action) => Guarded(() =>
    {
        action();
        return true;
    });

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new EmbeddedHostingException(
                $"No permission to use the data folder {RootDirectory} of {_applicationName}: {exception.Message} Make it yours (chown), or choose another with SHOP_DATA=FOLDER.",
                exception);
        }
        catch (IOException exception)
        {
            throw new EmbeddedHostingException(
                $"The data folder {RootDirectory} of {_applicationName} can't be used: {exception.Message} Is the disk full? Free some space, or choose another folder with SHOP_DATA=FOLDER.",
                exception);
        }
    }
}
