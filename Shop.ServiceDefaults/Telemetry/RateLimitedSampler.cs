using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Samples so many new traces a second, and whatever belongs to a trace that is sampled. A request or message that isn't
/// is still recorded by itself, so that <see cref="KeepNoteworthySpans"/> can keep it when it fails or is slow; what it
/// calls isn't, which makes it nearly free. Statements that neither a request nor a message asked for (polls) make no traces.
/// </summary>
internal sealed class RateLimitedSampler(double tracesPerSecond, TimeProvider time) : Sampler
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
        var isEntry = samplingParameters.Kind is ActivityKind.Server or ActivityKind.Consumer;
        var isNew = parent.TraceId == default;
        var sampled = isNew
            ? (samplingParameters.Kind != ActivityKind.Client || samplingParameters.Name == HttpCall) && TakeToken()
            : parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return new SamplingResult(sampled ? SamplingDecision.RecordAndSample : isEntry && (isNew || parent.IsRemote) ? SamplingDecision.RecordOnly : SamplingDecision.Drop);
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
