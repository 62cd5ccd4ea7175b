using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Embedded.Dashboard.Otlp;

/// <summary>Reads what an exporter sends, never more than it may.</summary>
internal static class OtlpBody
{
    /// <summary>Far beyond what SDKs put into one request, unpacked.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Compressed flag and length: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md</summary>
    private const int GrpcPrefix = 5;

    /// <summary>The body of an OTLP/HTTP request.</summary>
    /// <exception cref="InvalidDataException">It is too long, or not compressed as it says.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadHttpAsync(HttpRequest request, CancellationToken cancellationToken) =>
        await ReadAsync(request.Body, EncodingOf(request.Headers.ContentEncoding), cancellationToken);

    /// <summary>The one message of a unary gRPC call.</summary>
    /// <exception cref="InvalidDataException">It is too long, not whole, or not compressed as it says.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadGrpcAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var framed = await ReadAsync(request.Body, isGzip: false, cancellationToken);
        if (framed.Length < GrpcPrefix || BinaryPrimitives.ReadUInt32BigEndian(framed.Span[1..]) != framed.Length - GrpcPrefix)
            throw new InvalidDataException("This is not one gRPC message: its length is not what it says.");

        var message = framed[GrpcPrefix..];
        if (framed.Span[0] == 0) return message;

        using var compressed = new MemoryStream(message.ToArray(), writable: false);
        return await ReadAsync(compressed, EncodingOf(request.Headers["grpc-encoding"]), cancellationToken);
    }

    private static bool EncodingOf(string? encoding) => encoding switch
    {
        null or "" or "identity" => false,
        "gzip" => true,
        _ => throw new InvalidDataException($"The encoding '{encoding}' is not known here: use gzip or none."),
    };

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, bool isGzip, CancellationToken cancellationToken)
    {
        await using var unpacked = isGzip ? new GZipStream(body, CompressionMode.Decompress) : body;
        using var read = new MemoryStream();
        var buffer = new byte[32 * 1024];
        int count;
        while ((count = await unpacked.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (read.Length + count > MaxBytes) throw new InvalidDataException($"A request may have {MaxBytes / 1024 / 1024} MiB at most.");
            read.Write(buffer, 0, count);
        }

        return new ReadOnlyMemory<byte>(read.GetBuffer(), 0, (int)read.Length);
    }
}
