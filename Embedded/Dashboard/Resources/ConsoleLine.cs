using System.Text.Json.Serialization;

namespace Embedded.Dashboard.Resources;

/// <param name="Sequence">Grows with every line of the application.</param>
/// <param name="At">When it was read.</param>
/// <param name="Replica">Who printed it; null where there is but one.</param>
/// <param name="Text">Without its end.</param>
public sealed record ConsoleLine([property: JsonPropertyName("seq")] long Sequence, DateTimeOffset At, string? Replica, string Text);
