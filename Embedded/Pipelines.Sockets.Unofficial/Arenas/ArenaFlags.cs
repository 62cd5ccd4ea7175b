namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>Accepted and not looked at: an arena clears what was used at every reset, and takes its memory from the managed heap.</summary>
[Flags]
public enum ArenaFlags
{
    None = 0,
}
