using Microsoft.Extensions.Configuration;

namespace Shop.AppHost;

internal static class SettingsExtensions
{
    /// <summary>Passes a section of the AppHost's own configuration (command line, environment, user secrets) on to a service that reads the same one.</summary>
    public static IResourceBuilder<T> WithSettings<T>(this IResourceBuilder<T> service, IConfigurationSection section)
        where T : IResourceWithEnvironment
    {
        foreach (var (key, value) in section.AsEnumerable())
        {
            if (value is not null)
                service.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }

        return service;
    }
}
