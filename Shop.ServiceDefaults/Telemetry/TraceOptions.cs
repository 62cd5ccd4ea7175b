using Microsoft.Extensions.Configuration;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Which traces are kept; the section <c>Telemetry:Traces</c>.</summary>
internal sealed record TraceOptions
{
    private const string Section = "Telemetry:Traces";

    /// <summary>New traces that each process samples, a second.</summary>
    public double PerSecond { get; init; } = 20;

    /// <summary>
    /// Whether a process samples what its callers have sampled. Not for one that strangers may call, the gateway: with one
    /// header they could have all that they do sampled.
    /// </summary>
    public bool FollowCallers { get; init; } = true;

    /// <summary>What takes as long is kept in any case.</summary>
    public TimeSpan SlowerThan { get; init; } = TimeSpan.FromSeconds(1);

    /// <exception cref="InvalidOperationException">A value makes no sense.</exception>
    public static TraceOptions Of(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<TraceOptions>() ?? new TraceOptions();
        return options.PerSecond >= 0 && options.SlowerThan > TimeSpan.Zero
            ? options
            : throw new InvalidOperationException($"{Section}:PerSecond must be 0 or more and {Section}:SlowerThan longer than no time: they are {options.PerSecond} and {options.SlowerThan}.");
    }
}
