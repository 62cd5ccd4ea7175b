namespace Embedded.Components;

/// <summary>Says what is missing in words that name the configuration keys.</summary>
internal static class ConnectionStrings
{
    public static InvalidOperationException Missing(string connectionName, params ReadOnlySpan<string> sections) => new(
        $"The connection string '{connectionName}' is missing. Set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in the configuration section {string.Join(" or ", sections.ToArray().Select(section => $"'{section}'"))}.");
}
