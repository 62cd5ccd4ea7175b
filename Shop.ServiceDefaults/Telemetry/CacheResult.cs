namespace Shop.ServiceDefaults.Telemetry;

/// <summary>How a cache answered.</summary>
public enum CacheResult
{
    /// <summary>It had the answer.</summary>
    Hit,

    /// <summary>The answer had to be made.</summary>
    Miss,

    /// <summary>Somebody else was making the answer just then, and it was waited for: one of a stampede that didn't happen.</summary>
    Coalesced,
}
