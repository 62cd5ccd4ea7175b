using System.Buffers;
using System.Net;

namespace Shop.Web.Gateway;

/// <summary>The content of an answer of which the beginning, or all, has been read already.</summary>
internal sealed class PrefetchedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Stream _rest;
    private readonly ReadOnlyMemory<byte> _beginning;
    private readonly bool _isWhole;

    private PrefetchedContent(HttpContent inner, Stream rest, ReadOnlyMemory<byte> beginning, bool isWhole)
    {
        _inner = inner;
        _rest = rest;
        _beginning = beginning;
        _isWhole = isWhole;
        foreach (var header in inner.Headers.NonValidated) Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    /// <summary>Reads up to <paramref name="limit"/> bytes.</summary>
    /// <exception cref="IOException">The sender broke off; so do HttpRequestException and its kin.</exception>
    public static async Task<HttpContent> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        var rest = await content.ReadAsStreamAsync(cancellationToken);
        var beginning = new ArrayBufferWriter<byte>((int)Math.Clamp(content.Headers.ContentLength ?? 4096, 1, limit));
        while (beginning.WrittenCount < limit)
        {
            var read = await rest.ReadAsync(beginning.GetMemory(), cancellationToken);
            if (read == 0) return new PrefetchedContent(content, rest, beginning.WrittenMemory, isWhole: true);

            beginning.Advance(read);
        }

        return new PrefetchedContent(content, rest, beginning.WrittenMemory, isWhole: false);
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_beginning, cancellationToken);
        if (!_isWhole) await _rest.CopyToAsync(stream, cancellationToken);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new PrefetchedStream(_beginning, _isWhole ? Stream.Null : _rest));

    protected override bool TryComputeLength(out long length)
    {
        length = _beginning.Length;
        return _isWhole;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }
}
