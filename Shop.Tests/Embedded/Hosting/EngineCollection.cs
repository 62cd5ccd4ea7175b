namespace Shop.Tests.Embedded.Hosting;

/// <summary>Tests that start processes go one after the other, so that they don't fight for the processors.</summary>
[CollectionDefinition(nameof(EngineCollection))]
public sealed class EngineCollection;
