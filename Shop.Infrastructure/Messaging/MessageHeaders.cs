namespace Shop.Infrastructure.Messaging;

/// <summary>What a message carries besides its body.</summary>
public static class MessageHeaders
{
    /// <summary>The trace it belongs to (W3C Trace Context).</summary>
    public const string TraceParent = "traceparent";

    /// <summary>How often handling it has failed.</summary>
    public const string Attempts = "shop-attempts";

    /// <summary>When handling it failed for the first time, ISO 8601.</summary>
    public const string FirstFailedAt = "shop-first-failed-at";

    /// <summary>Why it failed last.</summary>
    public const string Reason = "shop-reason";

    /// <summary>The queue whose consumer has given it up.</summary>
    public const string DiedIn = "shop-died-in";

    /// <summary>When it was given up, ISO 8601.</summary>
    public const string DiedAt = "shop-died-at";

    /// <summary>A reason is for people; an exception's message can be a whole page.</summary>
    private const int LongestReason = 1000;

    /// <summary>A header's text; RabbitMQ hands texts over as bytes. Null when it isn't there or is no text.</summary>
    public static string? Text(this IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) is true
            ? value switch { byte[] bytes => Encoding.UTF8.GetString(bytes), string text => text, _ => null }
            : null;

    /// <summary>A header's whole number; 0 when it isn't there or is none.</summary>
    public static long Number(this IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) is true && value is byte or sbyte or short or ushort or int or uint or long
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : 0;

    public static DateTimeOffset? Time(this IDictionary<string, object?>? headers, string name) =>
        DateTimeOffset.TryParse(headers.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    public static string Written(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    public static string Shortened(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return reason.Length <= LongestReason ? reason : $"{reason.AsSpan(0, LongestReason)}…";
    }
}
