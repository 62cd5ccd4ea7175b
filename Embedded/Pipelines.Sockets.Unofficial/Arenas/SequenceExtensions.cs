namespace Pipelines.Sockets.Unofficial.Arenas;

public static class SequenceExtensions
{
    public static TTo[] ToArray<T, TTo>(this in Sequence<T> source, Projection<T, TTo> projection)
    {
        ArgumentNullException.ThrowIfNull(projection);

        if (source.IsEmpty)
            return [];

        var result = new TTo[source.Length];
        source.CopyTo(result, projection);
        return result;
    }

    public static TTo[] ToArray<T, TState, TTo>(this in Sequence<T> source, Projection<T, TState, TTo> projection, in TState state)
    {
        ArgumentNullException.ThrowIfNull(projection);

        if (source.IsEmpty)
            return [];

        var from = source.FirstSpan;
        var result = new TTo[from.Length];
        for (var i = 0; i < from.Length; i++)
            result[i] = projection(in from[i], in state);
        return result;
    }

    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static void CopyTo<T, TTo>(this in Sequence<T> source, Span<TTo> destination, Projection<T, TTo> projection)
    {
        ArgumentNullException.ThrowIfNull(projection);

        var from = source.FirstSpan;
        if (destination.Length < from.Length)
            throw new ArgumentException($"The destination holds {destination.Length} elements, the source has {from.Length}.", nameof(destination));

        for (var i = 0; i < from.Length; i++)
            destination[i] = projection(in from[i]);
    }
}
