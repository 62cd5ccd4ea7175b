using System.Runtime.InteropServices;

namespace Embedded.Hosting;

/// <summary>The <c>dotnet</c> program that belongs to the runtime this process runs on.</summary>
internal static class DotNetHost
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

        // The AppHost may itself run through its native launcher; the runtime's folder is dotnet's root/shared/NAME/VERSION.
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string?[] candidates =
        [
            System.IO.Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath : null,
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"),
            System.IO.Path.Combine(root, name),
        ];
        return candidates.FirstOrDefault(candidate => candidate is { Length: > 0 } && File.Exists(candidate)) ?? name;
    }
}
