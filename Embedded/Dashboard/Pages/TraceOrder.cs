namespace Embedded.Dashboard.Pages;

/// <summary>Which traces a list begins with.</summary>
internal enum TraceOrder
{
    /// <summary>Those that began to arrive last.</summary>
    Newest,

    /// <summary>Those that took longest.</summary>
    Slowest,

    /// <summary>Those with the most spans.</summary>
    MostSpans,
}
