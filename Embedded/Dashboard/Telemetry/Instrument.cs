namespace Embedded.Dashboard.Telemetry;

/// <param name="Resource">Whose.</param>
/// <param name="Meter">The scope's name.</param>
/// <param name="Name">The instrument's.</param>
internal sealed record InstrumentKey(string Resource, string Meter, string Name);

/// <summary>An instrument of one resource, over all its replicas.</summary>
internal sealed record Instrument(InstrumentKey Key, string Unit, string Description, InstrumentKind Kind)
{
    /// <summary>By replica and attributes.</summary>
    public Dictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
}
