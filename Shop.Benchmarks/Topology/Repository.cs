namespace Shop.Benchmarks.Topology;

/// <summary>Where this shop's sources are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        // Real Aspire gives the project's file here, the embedded engine its folder: both lie within the root.
        for (var folder = Projects.Shop_AppHost.ProjectPath; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Shop.sln")))
                return folder;
        }

        throw new DirectoryNotFoundException($"No folder above {Projects.Shop_AppHost.ProjectPath} holds Shop.sln.");
    }
}
