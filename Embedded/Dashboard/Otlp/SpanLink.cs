namespace Embedded.Dashboard.Otlp;

/// <summary>A span elsewhere that has to do with this one.</summary>
internal sealed record SpanLink(UInt128 TraceId, ulong SpanId, IReadOnlyList<KeyValuePair<string, string>> Attributes);
