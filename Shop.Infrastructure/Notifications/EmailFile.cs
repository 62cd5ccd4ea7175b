using System.Buffers;
using System.Globalization;
using System.Net.Mail;
using System.Text;

namespace Shop.Infrastructure.Notifications;

/// <summary>
/// An e-mail as it is written into a file or onto a wire: RFC 5322, with a subject encoded by RFC 2047 where it is not
/// plain ASCII, and its text as quoted-printable UTF-8 (RFC 2045).
/// </summary>
public static class EmailFile
{
    /// <summary>Nobody's out-of-office note shall answer it (RFC 3834).</summary>
    public const string AutoSubmitted = "auto-generated";

    /// <summary>Longest line of quoted-printable text, without its end.</summary>
    private const int LongestLine = 76;

    /// <summary>Most bytes of text in an encoded word: it may be 75 characters long, of which <c>=?utf-8?B??=</c> takes 12, and four stand for three bytes.</summary>
    private const int LongestWord = 45;

    public static ReadOnlySpan<byte> Write(MailAddress from, MailAddress to, Email email, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(email);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            From: {Phrase(from.DisplayName)} <{from.Address}>
            To: {to.Address}
            Date: {now.ToUniversalTime():ddd, dd MMM yyyy HH:mm:ss} +0000
            Message-ID: {MessageId(from, email)}
            Subject: {Unstructured(email.Subject)}
            Auto-Submitted: {AutoSubmitted}
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable


            """).ReplaceLineEndings("\r\n");
        var message = new ArrayBufferWriter<byte>(head.Length + (email.Text.Length * 2));
        Encoding.UTF8.GetBytes(head, message);
        WriteQuotedPrintable(Encoding.UTF8.GetBytes(email.Text), message);
        return message.WrittenSpan;
    }

    /// <summary>The same for the same e-mail, however often it is sent.</summary>
    public static string MessageId(MailAddress from, Email email)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(email);
        return $"<{email.Id:N}@{from.Host}>";
    }

    private static string Phrase(string name) =>
        IsPlain(name) ? $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : EncodedWords(name);

    private static string Unstructured(string text) => IsPlain(text) && !text.Contains("=?", StringComparison.Ordinal) ? text : EncodedWords(text);

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static string EncodedWords(string text)
    {
        var words = new StringBuilder();
        Span<byte> word = stackalloc byte[LongestWord];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // A character is never cut in two.
            if (length + rune.Utf8SequenceLength > LongestWord)
            {
                Append(word[..length]);
                length = 0;
            }

            length += rune.EncodeToUtf8(word[length..]);
        }

        Append(word[..length]);
        return words.ToString();

        void Append(ReadOnlySpan<byte> bytes) =>
            words.Append(words.Length > 0 ? "\r\n " : "").Append("=?utf-8?B?").Append(Convert.ToBase64String(bytes)).Append("?=");
    }

    private static void WriteQuotedPrintable(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> to)
    {
        var column = 0;
        for (var index = 0; index < text.Length; index++)
        {
            var value = text[index];
            if (value == '\n')
            {
                to.Write("\r\n"u8);
                column = 0;
                continue;
            }

            if (value == '\r' && index + 1 < text.Length && text[index + 1] == '\n')
                continue;
            // White space at a line's end would be lost on the way.
            var isLast = index + 1 == text.Length || text[index + 1] is (byte)'\n' or (byte)'\r';
            var isPlain = value is >= (byte)'!' and <= (byte)'~' and not (byte)'=' || (value is (byte)' ' or (byte)'\t' && !isLast);
            var width = isPlain ? 1 : 3;
            // One column is kept for the sign that the line goes on.
            if (column + width > LongestLine - 1)
            {
                to.Write("=\r\n"u8);
                column = 0;
            }

            var written = to.GetSpan(3);
            if (isPlain)
            {
                written[0] = value;
            }
            else
            {
                written[0] = (byte)'=';
                written[1] = Digit(value >> 4);
                written[2] = Digit(value & 0x0F);
            }

            to.Advance(width);
            column += width;
        }

        to.Write("\r\n"u8);
    }

    private static byte Digit(int value) => "0123456789ABCDEF"u8[value];
}
