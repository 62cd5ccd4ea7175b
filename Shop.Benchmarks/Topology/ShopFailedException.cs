namespace Shop.Benchmarks.Topology;

/// <summary>The shop didn't start or didn't do as it was told; the message says what and why.</summary>
public sealed class ShopFailedException(string message, Exception? cause = null) : Exception(message, cause);
