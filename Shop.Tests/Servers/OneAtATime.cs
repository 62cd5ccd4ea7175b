namespace Shop.Tests.Servers;

/// <summary>
/// Tests that listen to meters and traces of this process, which are one for all: while one of them runs, no other test does.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}
