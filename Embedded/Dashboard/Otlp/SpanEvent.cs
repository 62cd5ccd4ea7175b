namespace Embedded.Dashboard.Otlp;

/// <param name="Time">Nanoseconds since the Unix epoch.</param>
/// <param name="Name">Of what happened.</param>
/// <param name="Attributes">Of it.</param>
internal sealed record SpanEvent(ulong Time, string Name, IReadOnlyList<KeyValuePair<string, string>> Attributes);
