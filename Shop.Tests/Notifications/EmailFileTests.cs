using System.Net.Mail;
using System.Text;
using Microsoft.Extensions.Options;
using Shop.Infrastructure.Notifications;

namespace Shop.Tests.Notifications;

public sealed class EmailFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 5, 3, 7, 30, TimeSpan.Zero);

    [Fact]
    public void Every_line_is_short_ASCII_and_the_text_comes_out_as_it_went_in()
    {
        var text = "Grüße aus Bergen, æøå & 日本 — 100 % = everything.  \n\n" + new string('x', 200) + " \t\nlast line";
        var (head, body) = Written("Your order 1001 is confirmed", text);

        Assert.All($"{head}\r\n{body}".Split("\r\n"), line => Assert.True(line.Length <= 76 && line.All(character => character is >= ' ' and <= '~'), line));
        Assert.Equal(text.ReplaceLineEndings("\r\n") + "\r\n", Decoded(body));
        Assert.Contains("Subject: Your order 1001 is confirmed\r\n", head, StringComparison.Ordinal);
        Assert.Contains("To: ada@example.com\r\n", head, StringComparison.Ordinal);
        Assert.Contains("From: \"The \\\"Shop\\\"\" <orders@shop.example>\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Date: Thu, 05 Nov 2026 03:07:30 +0000\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Message-ID: <11111111111111111111111111111111@shop.example>\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_that_is_no_plain_ASCII_is_encoded_word_by_word()
    {
        const string Subject = "Ihre Bestellung für Zelte, Schlafsäcke und 日本の提灯 ist bestätigt — vielen Dank, 🏕!";
        var (head, _) = Written(Subject, "");
        var lines = head[(head.IndexOf("Subject: ", StringComparison.Ordinal) + 9)..head.IndexOf("\r\nAuto-Submitted", StringComparison.Ordinal)].Split("\r\n ");

        Assert.True(lines.Length > 1);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 75));
        // .NET's own reading of RFC 2047 stands in its attachments' names.
        Assert.Equal(Subject, string.Concat(lines.Select(word => Attachment.CreateAttachmentFromString("", word).Name)));
    }

    [Fact]
    public async Task A_file_is_there_whole_in_a_folder_that_is_made_when_it_is_missing()
    {
        var folder = Directory.CreateTempSubdirectory("shop-mail-");
        try
        {
            using var sender = new EmailSender(
                Options.Create(new NotificationsOptions { PickupDirectory = Path.Combine(folder.FullName, "of", "today") }), TimeProvider.System);
            var email = new Email(Guid.NewGuid(), "ada@example.com", "Hello", "Ada");
            await sender.SendAsync(email, TestContext.Current.CancellationToken);
            await sender.SendAsync(email, TestContext.Current.CancellationToken);

            var files = folder.GetFiles("*", SearchOption.AllDirectories);
            Assert.Equal(2, files.Length);
            Assert.All(files, file => Assert.Equal(".eml", file.Extension));
            await Assert.ThrowsAsync<FormatException>(() => sender.SendAsync(email with { To = "ada@example.com\r\nBcc: all@example.com" }, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Head, string Body) Written(string subject, string text)
    {
        var message = Encoding.UTF8.GetString(EmailFile.Write(
            new MailAddress("orders@shop.example", "The \"Shop\""), new MailAddress("ada@example.com"), new Email(new Guid(Enumerable.Repeat((byte)0x11, 16).ToArray()), "ada@example.com", subject, text), Now));
        var end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (message[..(end + 2)], message[(end + 4)..]);
    }

    private static string Decoded(string quotedPrintable)
    {
        var bytes = new List<byte>();
        var joined = quotedPrintable.Replace("=\r\n", "", StringComparison.Ordinal);
        for (var index = 0; index < joined.Length; index++)
        {
            if (joined[index] == '=')
            {
                bytes.Add(Convert.ToByte(joined.Substring(index + 1, 2), 16));
                index += 2;
            }
            else
            {
                bytes.Add((byte)joined[index]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
