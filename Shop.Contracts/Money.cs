namespace Shop.Contracts;

/// <summary>An amount of money on the wire.</summary>
/// <param name="Amount">In minor units: 1999 is 19.99 EUR.</param>
/// <param name="Currency">ISO 4217 code, three capital letters.</param>
public sealed record Money(long Amount, string Currency);
