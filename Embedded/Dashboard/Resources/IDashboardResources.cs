namespace Embedded.Dashboard.Resources;

/// <summary>The application as the dashboard shows and commands it.</summary>
public interface IDashboardResources
{
    /// <summary>Its name, for the title.</summary>
    string ApplicationName { get; }

    IReadOnlyList<DashboardResource> Current();

    /// <summary>What a resource printed after a line, all replicas together; null when there is no such resource.</summary>
    /// <param name="resource">Its name.</param>
    /// <param name="after">The sequence number of the last line that is known; 0 for what is still in memory.</param>
    IReadOnlyList<ConsoleLine>? Console(string resource, long after);

    /// <summary>The files that hold all that a resource printed, oldest first; null when there is no such resource.</summary>
    /// <param name="resource">Its name.</param>
    IReadOnlyList<string>? ConsoleFiles(string resource);

    /// <param name="resource">Its name.</param>
    /// <param name="replica">The replica, from 1; null for all.</param>
    /// <param name="command">One of the resource's commands.</param>
    /// <returns>Why it can't be done, as a sentence; null when it was.</returns>
    Task<string?> ExecuteAsync(string resource, int? replica, string command);
}
