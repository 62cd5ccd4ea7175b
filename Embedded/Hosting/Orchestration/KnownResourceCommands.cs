namespace Embedded.Hosting;

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";

    /// <summary>SIGKILL; the resource is then restarted as after any crash. This engine's own.</summary>
    public static readonly string KillCommand = "kill";

    /// <summary>A server loses its data; what needs it is stopped before, and started again after. This engine's own.</summary>
    public static readonly string ResetCommand = "reset";

    /// <summary>SIGSTOP: the process hangs but keeps its connections. This engine's own.</summary>
    public static readonly string SuspendCommand = "suspend";

    /// <summary>SIGCONT, the end of a suspension. This engine's own.</summary>
    public static readonly string ResumeCommand = "resume";
}
