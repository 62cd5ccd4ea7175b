namespace Embedded.Hosting.Servers;

/// <summary>What a program's package is called; several names separated by a bar are tried in order.</summary>
/// <param name="Services">Units a distribution's package would enable at boot; a private server needs none.</param>
internal sealed record SystemPackage(string Apt, string Dnf, string Brew, params IReadOnlyList<string> Services);
