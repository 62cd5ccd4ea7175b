using System.Diagnostics;
using OpenTelemetry;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>What failed or took long is exported, whether it was sampled or not; a stream of events takes as long as somebody listens.</summary>
internal sealed class KeepNoteworthySpans(TimeSpan slowerThan) : BaseProcessor<Activity>
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
