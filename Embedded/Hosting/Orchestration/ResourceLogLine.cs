namespace Embedded.Hosting;

/// <param name="Sequence">Grows with every line of the application.</param>
/// <param name="At">When it was read.</param>
/// <param name="Text">Without its end.</param>
internal sealed record ResourceLogLine(long Sequence, DateTimeOffset At, string Text);
