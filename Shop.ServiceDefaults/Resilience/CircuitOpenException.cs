namespace Shop.ServiceDefaults.Resilience;

/// <summary>The request wasn't sent because most of those before it failed.</summary>
public sealed class CircuitOpenException(string authority, TimeSpan? retryAfter, Exception cause)
    : HttpRequestException($"{authority} keeps failing and is left alone for {retryAfter?.TotalSeconds ?? 0:0.#} s.", cause);
