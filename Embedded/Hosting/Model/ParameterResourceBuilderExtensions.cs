using System.Diagnostics.CodeAnalysis;

namespace Embedded.Hosting;

[SuppressMessage("Style", "IDE0060", Justification = "The parameters are Aspire's; some mean something only when publishing.")]
public static class ParameterResourceBuilderExtensions
{
    /// <summary>A parameter whose value must come from the configuration: <c>Parameters:{name}</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, $"Parameters:{name}") ?? throw Missing(name), secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, $"Parameters:{name}") ?? valueGetter(), secret));

    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Gives the value when the configuration doesn't.</param>
    /// <param name="secret">Whether the value must not be shown.</param>
    /// <param name="persist">Whether the value is kept for the application's next run, readable by the user alone.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.AddResource(CreateParameter(builder, name, value, secret, persist));

    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, _ => Configured(builder, configurationKey) ?? throw Missing(name), secret));

    /// <summary>A server's password: kept between runs, because a kept data directory goes on asking for it.</summary>
    internal static ParameterResource CreateDefaultPasswordParameter(IDistributedApplicationBuilder builder, string name) =>
        CreateParameter(builder, name, new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true);

    private static ParameterResource CreateParameter(
        IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, bool persist) =>
        new(name, fallback => Configured(builder, $"Parameters:{name}") ?? FromDefault(builder, name, fallback ?? value, persist), secret) { Default = value };

    private static string FromDefault(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool persist) =>
        persist ? DistributedApplicationBuilder.Of(builder).Data.GetOrCreateSecret(name, value.GetDefaultValue) : value.GetDefaultValue();

    // Shells don't let a variable's name hold a hyphen, so Parameters__order_token_key sets order-token-key too.
    private static string? Configured(IDistributedApplicationBuilder builder, string key) =>
        builder.Configuration[key] is { Length: > 0 } value ? value
        : builder.Configuration[key.Replace('-', '_')] is { Length: > 0 } underscored ? underscored
        : null;

    private static EmbeddedHostingException Missing(string name) => new(
        $"The parameter '{name}' has no value. Set the environment variable Parameters__{name.Replace('-', '_')}, or start with `-- Parameters:{name}=VALUE`.");
}
