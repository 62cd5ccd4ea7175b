namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>Where an arena would take its memory from. This stand-in has the managed heap alone: pass null.</summary>
public abstract class Allocator<T>
{
    private protected Allocator()
    {
    }
}
