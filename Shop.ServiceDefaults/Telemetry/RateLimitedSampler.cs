using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Samples so many new traces a second, and whatever belongs to a trace that is sampled. A request or message that isn't
/// is still recorded by itself, so that <see cref="KeepNoteworthySpans"/> can keep it when it fails or is slow; what it
/// calls isn't, which makes it nearly free. Statements that neither a request nor a message asked for (polls) make no traces.
/// </summary>
/// <param name="tracesPerSecond">For how many there are tokens, on average.</param>
/// <param name="time">For the tokens.</param>
/// <param name="followsCallers">Whether callers decide for the traces that they have begun. Not where anybody may call: everybody could have everything sampled.</param>
internal sealed class RateLimitedSampler(double tracesPerSecond, TimeProvider time, bool followsCallers = true) : Sampler
{
    /// <summary>Seconds of silence that may be made up for at once.</summary>
    private const double Burst = 2;

    /// <summary>How .NET's HttpClient names its activities. A click in a page that is connected already comes in no request of its own: its first span is the call that it leads to.</summary>
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
        var sampled = isNew
            ? (samplingParameters.Kind != ActivityKind.Client || samplingParameters.Name == HttpCall) && TakeToken()
            : parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return new SamplingResult(sampled ? SamplingDecision.RecordAndSample : RecordingSampler.IsEntry(samplingParameters) ? SamplingDecision.RecordOnly : SamplingDecision.Drop);
    }

    private bool TakeToken()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(tracesPerSecond * Burst, _tokens + (time.GetElapsedTime(_lookedAt, now).TotalSeconds * tracesPerSecond));
            _lookedAt = now;
            if (_tokens < 1) return false;

            _tokens--;
            return true;
        }
    }
}
