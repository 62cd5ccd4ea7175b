using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Has a request or message that <paramref name="inner"/> drops recorded by itself, so that <see cref="KeepNoteworthySpans"/>
/// can keep it when it fails or is slow.
/// </summary>
internal sealed class RecordingSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var result = inner.ShouldSample(samplingParameters);
        return result.Decision is SamplingDecision.Drop && IsEntry(samplingParameters) ? new SamplingResult(SamplingDecision.RecordOnly) : result;
    }

    /// <summary>Whether it is the first span here of something that was asked of this process.</summary>
    public static bool IsEntry(in SamplingParameters span) =>
        span.Kind is ActivityKind.Server or ActivityKind.Consumer && (span.ParentContext.TraceId == default || span.ParentContext.IsRemote);
}
