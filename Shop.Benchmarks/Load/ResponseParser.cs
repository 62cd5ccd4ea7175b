using System.Buffers.Text;

namespace Shop.Benchmarks.Load;

/// <summary>
/// Finds an HTTP/1.1 response's status and its end (RFC 9112) in bytes that come in pieces, and keeps nothing else.
/// </summary>
internal sealed class ResponseParser
{
    private const int Capacity = 16 * 1024;

    private readonly byte[] _buffer = new byte[Capacity];
    private int _start;
    private int _end;
    private Part _part;
    private long _remaining;

    private enum Part
    {
        Head,
        Body,
        ChunkSize,
        Chunk,
        Trailer,
    }

    public int Status { get; private set; }

    /// <summary>The server will close the connection after this response.</summary>
    public bool Closes { get; private set; }

    /// <summary>Where the next bytes go.</summary>
    public Span<byte> Space => _buffer.AsSpan(_end);

    /// <summary>Forgets everything, for a new connection.</summary>
    public void Reset()
    {
        (_start, _end) = (0, 0);
        _part = Part.Head;
    }

    /// <summary>Looks at bytes that have been put into <see cref="Space"/>.</summary>
    /// <returns>Whether a response is complete.</returns>
    /// <exception cref="InvalidDataException">This is no HTTP/1.1 response.</exception>
    public bool Take(int count)
    {
        _end += count;
        while (true)
        {
            switch (_part)
            {
                case Part.Head when Cut("\r\n\r\n"u8, out var head):
                    ReadHead(head);
                    break;
                case Part.ChunkSize when Cut("\r\n"u8, out var size):
                    if (!Utf8Parser.TryParse(size, out _remaining, out _, 'x'))
                        throw new InvalidDataException("A chunk without a size.");
                    // The chunk's own line break comes with it.
                    (_part, _remaining) = _remaining == 0 ? (Part.Trailer, 0) : (Part.Chunk, _remaining + 2);
                    break;
                case Part.Trailer when Cut("\r\n"u8, out var line):
                    if (line.IsEmpty)
                        return Complete();
                    break;
                case Part.Body or Part.Chunk:
                    var taken = (int)Math.Min(_remaining, _end - _start);
                    _start += taken;
                    _remaining -= taken;
                    if (_remaining > 0)
                    {
                        (_start, _end) = (0, 0);
                        return false;
                    }

                    if (_part == Part.Body)
                        return Complete();
                    _part = Part.ChunkSize;
                    break;
                default:
                    MakeSpace();
                    return false;
            }
        }
    }

    private bool Complete()
    {
        _part = Part.Head;
        MakeSpace();
        return true;
    }

    private bool Cut(ReadOnlySpan<byte> end, out ReadOnlySpan<byte> piece)
    {
        var unread = _buffer.AsSpan(_start, _end - _start);
        var length = unread.IndexOf(end);
        piece = length < 0 ? default : unread[..length];
        if (length < 0)
            return false;
        _start += length + end.Length;
        return true;
    }

    private void MakeSpace()
    {
        var unread = _buffer.AsSpan(_start, _end - _start);
        if (unread.Length == Capacity)
            throw new InvalidDataException($"A response's head is longer than {Capacity} bytes.");
        unread.CopyTo(_buffer);
        (_start, _end) = (0, unread.Length);
    }

    private void ReadHead(ReadOnlySpan<byte> head)
    {
        // "HTTP/1.1 202 Accepted"
        if (head.Length < 12 || !head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..12], out int status, out _))
            throw new InvalidDataException("Not an HTTP/1.1 response.");
        Status = status;
        Closes = false;
        var (chunked, length) = (false, 0L);
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            if (HasName(line, "content-length:"u8)
                && !Utf8Parser.TryParse(line["content-length:".Length..].Trim((byte)' '), out length, out _))
                throw new InvalidDataException("A content length that is no number.");
            if (HasName(line, "transfer-encoding:"u8))
                chunked = true;
            else if (HasName(line, "connection:"u8))
                Closes = Ascii.EqualsIgnoreCase(line["connection:".Length..].Trim((byte)' '), "close"u8);
        }

        (_part, _remaining) = chunked ? (Part.ChunkSize, 0) : (Part.Body, length);
    }

    private static bool HasName(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
}
