using System.Diagnostics.CodeAnalysis;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>A run of elements handed out by an <see cref="Arena{T}"/>. It lies in one piece.</summary>
[SuppressMessage("Design", "CA1034", Justification = "StackExchange.Redis refers to the enumerators as nested types.")]
public readonly struct Sequence<T>
{
    private readonly T[]? _array;
    private readonly int _offset;
    private readonly int _length;

    internal Sequence(T[]? array, int offset, int length)
    {
        _array = array;
        _offset = offset;
        _length = length;
    }

    public long Length => _length;

    public bool IsEmpty => _length == 0;

    public bool IsSingleSegment => true;

    public Span<T> FirstSpan => new(_array, _offset, _length);

    public SpanEnumerable Spans => new(this);

    public ref T this[int index] => ref FirstSpan[index];

    public Enumerator GetEnumerator() => new(this);

    public Sequence Untyped() => new(_array, _offset, _length);

    public struct Enumerator
    {
        private readonly Sequence<T> _sequence;
        private int _index;

        internal Enumerator(in Sequence<T> sequence)
        {
            _sequence = sequence;
            _index = -1;
        }

        public readonly ref T Current => ref _sequence[_index];

        public bool MoveNext()
        {
            if (_index + 1 >= _sequence._length)
                return false;

            _index++;
            return true;
        }

        /// <exception cref="InvalidOperationException">There is no further element.</exception>
        public ref T GetNext()
        {
            if (!MoveNext())
                throw new InvalidOperationException("The sequence has no further element.");

            return ref Current;
        }
    }

    public readonly struct SpanEnumerable
    {
        private readonly Sequence<T> _sequence;

        internal SpanEnumerable(in Sequence<T> sequence) => _sequence = sequence;

        public SpanEnumerator GetEnumerator() => new(_sequence);
    }

    public struct SpanEnumerator
    {
        private readonly Sequence<T> _sequence;
        private bool _started;

        internal SpanEnumerator(in Sequence<T> sequence) => _sequence = sequence;

        public readonly Span<T> Current => _sequence.FirstSpan;

        /// <summary>True once, for the one piece there is; never for an empty sequence.</summary>
        public bool MoveNext()
        {
            if (_started || _sequence.IsEmpty)
                return false;

            _started = true;
            return true;
        }
    }
}
