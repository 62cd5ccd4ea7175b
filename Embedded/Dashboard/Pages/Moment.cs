using System.Globalization;

namespace Embedded.Dashboard.Pages;

/// <summary>OTLP's numbers as the pages want them.</summary>
internal static class Moment
{
    private const double NanosecondsPerMillisecond = 1e6;

    /// <param name="nanoseconds">Since the Unix epoch.</param>
    public static DateTimeOffset Of(ulong nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));

    /// <returns>Nanoseconds since the Unix epoch.</returns>
    public static ulong From(DateTimeOffset moment) => (ulong)(moment - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>From one moment to another; negative when the clocks of two processes disagree.</summary>
    public static double Milliseconds(ulong from, ulong to) => (to >= from ? to - from : -(double)(from - to)) / NanosecondsPerMillisecond;

    public static string Hex(UInt128 traceId) => traceId.ToString("x32", CultureInfo.InvariantCulture);

    public static string Hex(ulong spanId) => spanId.ToString("x16", CultureInfo.InvariantCulture);

    public static List<string[]> Pairs(IEnumerable<KeyValuePair<string, string>> attributes) => [.. attributes.Select(attribute => new[] { attribute.Key, attribute.Value })];
}
