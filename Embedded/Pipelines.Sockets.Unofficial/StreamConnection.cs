using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>Streams (TLS, most of all) as pipes.</summary>
public static class StreamConnection
{
    /// <param name="stream">Readable and writable; it belongs to the connection from now on.</param>
    /// <param name="sendPipeOptions">Of the pipe towards the stream.</param>
    /// <param name="receivePipeOptions">Of the pipe from the stream.</param>
    /// <param name="name">Not looked at.</param>
    [SuppressMessage("Style", "IDE0060", Justification = "The signature is the real package's.")]
    public static IDuplexPipe GetDuplex(Stream stream, PipeOptions? sendPipeOptions, PipeOptions? receivePipeOptions, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new Duplex(stream, sendPipeOptions ?? PipeOptions.Default, receivePipeOptions ?? PipeOptions.Default);
    }

    /// <param name="stream">Readable; completing the reader disposes it.</param>
    /// <param name="pipeOptions">Whose pool and segment size are used.</param>
    /// <param name="name">Not looked at.</param>
    [SuppressMessage("Style", "IDE0060", Justification = "The signature is the real package's.")]
    public static PipeReader GetReader(Stream stream, PipeOptions? pipeOptions = null, string? name = null)
    {
        var options = pipeOptions ?? PipeOptions.Default;
        return PipeReader.Create(stream, new StreamPipeReaderOptions(options.Pool, options.MinimumSegmentSize));
    }

    private sealed class Duplex : PumpedConnection
    {
        private readonly Stream _stream;

        public Duplex(Stream stream, PipeOptions sendOptions, PipeOptions receiveOptions)
            : base(sendOptions, receiveOptions)
        {
            _stream = stream;
            Start();
        }

        private protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _stream.ReadAsync(buffer);

        private protected override async ValueTask SendAsync(ReadOnlySequence<byte> buffer)
        {
            foreach (var segment in buffer)
                await _stream.WriteAsync(segment).ConfigureAwait(false);

            await _stream.FlushAsync().ConfigureAwait(false);
        }

        // A stream has no way to say that no more is coming, short of closing it for both directions.
        private protected override void EndSending()
        {
        }

        private protected override void Close() => _stream.Dispose();
    }
}
