namespace Embedded.Hosting.Endpoints;

/// <summary>
/// Lets .NET go on with a socket's work on the thread that learnt of it, instead of handing it to the thread pool. The
/// proxies only pass bytes on, and this is a third of their cost; whoever blocks in such a continuation would hold up
/// all sockets of the process, so it is for an AppHost, not for services and tests.
/// </summary>
internal static class InlineCompletions
{
    /// <summary>Read by System.Net.Sockets when the first socket of the process is made.</summary>
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>To be called before the first socket is made. A value that somebody has set stays.</summary>
    public static void Enable()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }
}
