namespace Embedded.Hosting;

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    /// <summary>Why the command failed.</summary>
    public string? Message { get; init; }
}
