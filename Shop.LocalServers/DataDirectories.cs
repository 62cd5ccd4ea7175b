using Aspire.Hosting;

namespace Shop.LocalServers;

/// <summary>Where servers keep their data: a directory for each volume, and temporary ones that are removed at the end.</summary>
/// <param name="allFresh">Whether those with a volume get fresh data too.</param>
/// <param name="folder">Where the volumes are kept.</param>
internal sealed class DataDirectories(bool allFresh, string folder) : IDisposable
{
    /// <summary>What a server needs free at its start, in MiB.</summary>
    private const int RequiredSpace = 200;

    private const string TemporaryPrefix = "shop-servers-";

    private readonly Lock _lock = new();
    private DirectoryInfo? _temporary;
    private FileStream? _claim;

    /// <summary>A server's directory, which is there and has room.</summary>
    /// <exception cref="DistributedApplicationException">It can't be used: says why and what to do.</exception>
    public string Of(string serverName, string? volume)
    {
        var path = "";
        try
        {
            lock (_lock)
            {
                path = volume is null || allFresh ? Path.Combine(Temporary().FullName, serverName) : Path.Combine(Claimed(), volume);
            }

            Make(path);
            File.WriteAllBytes(Path.Combine(path, ".writable"), []);
            var free = new DriveInfo(path).AvailableFreeSpace >> 20;
            return free >= RequiredSpace
                ? path
                : throw new DistributedApplicationException(
                    $"Only {free} MiB are free where {serverName} keeps its data ({path}), {RequiredSpace} are needed. "
                    + "Free some space, or choose another disk with SHOP_DATA.");
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"The data directory of {serverName} can't be used: {unusable.Message} Make {(path.Length > 0 ? path : folder)} writable "
                + $"for {Environment.UserName}, or choose another folder with SHOP_DATA.", unusable);
        }
    }

    public void Dispose()
    {
        _claim?.Dispose();
        if (_temporary is { Exists: true })
            Remove(_temporary);
    }

    private DirectoryInfo Temporary()
    {
        if (_temporary is not null)
            return _temporary;
        // What an AppHost that was killed has left.
        foreach (var left in new DirectoryInfo(Path.GetTempPath()).EnumerateDirectories($"{TemporaryPrefix}*"))
        {
            if (int.TryParse(left.Name.Split('-')[2], out var owner) && !IsAlive(owner))
                Remove(left);
        }

        return _temporary = Directory.CreateTempSubdirectory($"{TemporaryPrefix}{Environment.ProcessId}-");
    }

    private string Claimed()
    {
        var volumes = Directory.CreateDirectory(Path.Combine(folder, "volumes")).FullName;
        try
        {
            _claim ??= new FileStream(
                Path.Combine(folder, "in-use"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException taken) when (taken.GetType() == typeof(IOException))
        {
            throw new DistributedApplicationException(
                $"Another AppHost is using the data in {folder}. Stop it first, or give this one a folder of its own with SHOP_DATA.",
                taken);
        }

        return volumes;
    }

    /// <summary>Open to its owner alone: passwords and customers are in there.</summary>
    private static void Make(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Remove(DirectoryInfo directory)
    {
        try
        {
            directory.Delete(recursive: true);
        }
        catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
        {
            // A server that is still ending writes there, or it is another user's: the next start tries again.
        }
    }
}
