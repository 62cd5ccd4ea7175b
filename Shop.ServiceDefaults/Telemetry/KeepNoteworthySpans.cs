using System.Diagnostics;
using OpenTelemetry;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>What failed or took long is exported, whether it was sampled or not.</summary>
internal sealed class KeepNoteworthySpans(TimeSpan slowerThan) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Status == ActivityStatusCode.Error || data.Duration >= slowerThan)
            data.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
    }
}
