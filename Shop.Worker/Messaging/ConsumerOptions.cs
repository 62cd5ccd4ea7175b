using System.ComponentModel.DataAnnotations;

namespace Shop.Worker.Messaging;

/// <summary>Configuration section <c>Messaging:Consumers</c>.</summary>
internal sealed class ConsumerOptions : IValidatableObject
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    // Most failures pass within moments; what lasts longer is mostly a server being replaced, then one that is broken.
    private static readonly TimeSpan[] OwnDelays =
    [
        TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(10),
    ];

    /// <summary>
    /// How many messages of each queue this process handles at once. They wait for each other's commits, so many are needed.
    /// </summary>
    [Range(1, 4096)]
    public int Concurrency { get; set; } = 256;

    /// <summary>
    /// How often a message is tried before it goes to the dead letters: with the delays as they are, for some twenty minutes.
    /// </summary>
    [Range(1, 1000)]
    public int Attempts { get; set; } = 7;

    /// <summary>How long a message waits after its first failure, its second, and so on; after the last of these always so long.</summary>
    public IReadOnlyList<TimeSpan> Delays { get; set; } = [];

    /// <summary><see cref="Delays"/>, or the shop's own where none are configured.</summary>
    public IReadOnlyList<TimeSpan> DelaysInUse => Delays is { Count: > 0 } ? Delays : OwnDelays;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var delay in Delays.Where(delay => delay < TimeSpan.FromMilliseconds(1) || delay > LongestDelay))
            yield return new ValidationResult($"Messaging:Consumers:Delays holds {delay}: each must be between 1 millisecond and 1 day.");
    }
}
