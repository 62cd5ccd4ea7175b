namespace Shop.Tests.TestData;

/// <summary>Where this shop's sources are, for the tests that read them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string File(params ReadOnlySpan<string> path) => Path.Combine([Root, .. path]);

    private static string FindRoot()
    {
        for (var folder = Projects.Shop_AppHost.ProjectPath; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (System.IO.File.Exists(Path.Combine(folder, "Shop.sln")))
                return folder;
        }

        throw new DirectoryNotFoundException($"No folder above {Projects.Shop_AppHost.ProjectPath} holds Shop.sln.");
    }
}
