using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults;

/// <summary>Which traces are kept; the section <c>Telemetry:Traces</c>.</summary>
internal sealed record Sampling
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
    public static Sampling Of(IConfiguration configuration)
    {
        var sampling = configuration.GetSection(Section).Get<Sampling>() ?? new Sampling();
        return sampling.PerSecond >= 0 && sampling.SlowerThan > TimeSpan.Zero
            ? sampling
            : throw new InvalidOperationException(
                $"{Section}:PerSecond must be 0 or more and {Section}:SlowerThan longer than no time: "
                + $"they are {sampling.PerSecond} and {sampling.SlowerThan}.");
    }

    /// <summary>
    /// The sampler that <c>OTEL_TRACES_SAMPLER</c> names, or the shop's own: the SDK reads the variable only where none is set.
    /// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    /// </summary>
    public Sampler Sampler(IConfiguration configuration)
    {
        var argument = configuration["OTEL_TRACES_SAMPLER_ARG"];
        var isGiven = double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var given);
        var ratio = isGiven ? Math.Clamp(given, 0, 1) : 1;
        return configuration["OTEL_TRACES_SAMPLER"] switch
        {
            "always_on" => new AlwaysOnSampler(),
            "always_off" => new AlwaysOffSampler(),
            "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
            "traceidratio" => new RecordingSampler(new TraceIdRatioBasedSampler(ratio)),
            "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
            "parentbased_traceidratio" => new RecordingSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio))),
            _ => new RecordingSampler(new RateLimitedSampler(PerSecond, TimeProvider.System, FollowCallers)),
        };
    }
}

/// <summary>
/// Has a request or message that <paramref name="inner"/> drops recorded by itself, so that <see cref="TailSamplingProcessor"/>
/// can keep it when it fails or is slow. What it calls isn't recorded, which makes it nearly free.
/// </summary>
internal sealed class RecordingSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var result = inner.ShouldSample(samplingParameters);
        // The first span here of something that was asked of this process.
        var isEntry = samplingParameters.Kind is ActivityKind.Server or ActivityKind.Consumer
            && (samplingParameters.ParentContext.TraceId == default || samplingParameters.ParentContext.IsRemote);
        return result.Decision is SamplingDecision.Drop && isEntry ? new SamplingResult(SamplingDecision.RecordOnly) : result;
    }
}

/// <summary>
/// Samples so many new traces a second, and whatever belongs to a trace that is sampled. Statements that neither a request
/// nor a message asked for (polls, sweepers) make no traces.
/// </summary>
/// <param name="tracesPerSecond">For how many there are tokens, on average.</param>
/// <param name="time">For the tokens.</param>
/// <param name="followsCallers">Whether callers decide for the traces that they have begun.</param>
internal sealed class RateLimitedSampler(double tracesPerSecond, TimeProvider time, bool followsCallers = true) : Sampler
{
    /// <summary>Seconds of silence that may be made up for at once.</summary>
    private const double Burst = 2;

    /// <summary>
    /// How .NET's HttpClient names its activities. A click in a page that is connected already comes in no request of its
    /// own: its first span is the call that it leads to.
    /// </summary>
    private const string HttpCall = "System.Net.Http.HttpRequestOut";

    private readonly Lock _gate = new();
    private double _tokens = tracesPerSecond * Burst;
    private long _lookedAt = time.GetTimestamp();

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        // Work for others, such as the commit of many orders, belongs to those of them that are sampled.
        if (samplingParameters.Links?.Any(link => link.Context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)) is true)
            return new SamplingResult(SamplingDecision.RecordAndSample);

        var isNew = parent.TraceId == default || (parent.IsRemote && !followsCallers);
        var isSampled = isNew
            ? (samplingParameters.Kind != ActivityKind.Client || samplingParameters.Name == HttpCall) && TakeToken()
            : parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return new SamplingResult(isSampled ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }

    private bool TakeToken()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(tracesPerSecond * Burst, _tokens + (time.GetElapsedTime(_lookedAt, now).TotalSeconds * tracesPerSecond));
            _lookedAt = now;
            if (_tokens < 1)
                return false;

            _tokens--;
            return true;
        }
    }
}

/// <summary>
/// What failed or took long is exported, whether it was sampled or not; a stream of events takes as long as somebody listens.
/// </summary>
internal sealed class TailSamplingProcessor(TimeSpan slowerThan) : BaseProcessor<Activity>
{
    private const string Streams = "shop.streams";

    /// <summary>Says of a span that its length means nothing.</summary>
    public static void TakesItsTime(Activity span) => span.SetCustomProperty(Streams, Streams);

    public override void OnEnd(Activity data)
    {
        if (data.Status == ActivityStatusCode.Error || (data.Duration >= slowerThan && data.GetCustomProperty(Streams) is null))
            data.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
    }
}
