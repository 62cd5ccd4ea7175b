namespace Embedded.Hosting.Servers;

/// <summary>What a native server is started with; it listens on 127.0.0.1 only.</summary>
/// <param name="DataDirectory">Belongs to the server alone; created when missing, reused when it holds its data.</param>
/// <param name="LogDirectory">For log files the server writes itself.</param>
/// <param name="MayInstall">Whether a missing server may be installed with the system's package manager.</param>
internal sealed record ServerSettings(
    string ResourceName,
    string DataDirectory,
    string LogDirectory,
    int Port,
    string UserName,
    string Password,
    bool MayInstall);
