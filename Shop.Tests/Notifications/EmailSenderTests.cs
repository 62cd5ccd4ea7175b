using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Shop.Infrastructure.Notifications;

namespace Shop.Tests.Notifications;

[Trait("Category", "Unit")]
public sealed class EmailSenderTests : IDisposable
{
    private const string Ada = "ada@example.com";

    private static readonly Email Letter = new(Guid.CreateVersion7(), Ada, "Your order 1001 is confirmed", "Hello Ada");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shop-mail-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Pickup => Path.Combine(_folder.FullName, "of", "today");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_email_says_what_it_is_in_short_ASCII_lines_and_its_text_comes_out_as_it_went_in()
    {
        var text = "Grüße aus Bergen, æøå & 日本 — 100 % = everything.  \n\n" + new string('x', 200) + " \t\nlast line";

        var file = await LeftAsync(Letter with { Id = Guid.Parse("11111111-1111-1111-1111-111111111111"), Text = text });

        var raw = await File.ReadAllTextAsync(file.FullName, Cancellation);
        var lines = raw.Split("\r\n");
        Assert.All(lines, line => Assert.True(line.Length <= 78 && line.All(character => character is >= ' ' and <= '~'), line));
        var head = raw.Split("\r\n\r\n")[0].Split("\r\n");
        Assert.Contains("Subject: Your order 1001 is confirmed", head);
        Assert.Contains("To: ada@example.com", head);
        Assert.Contains("From: \"The \\\"Shop\\\"\" <orders@shop.example>", head);
        Assert.Contains("Date: Thu, 05 Nov 2026 03:07:30 +0000", head);
        Assert.Contains("Message-Id: <11111111111111111111111111111111@shop.example>", head);
        Assert.Contains("Auto-Submitted: auto-generated", head);
        Assert.Contains("Content-Type: text/plain; charset=utf-8", head);
        Assert.Equal(text, TextOf(await MimeMessage.LoadAsync(file.FullName, Cancellation)));
    }

    [Fact]
    public async Task A_subject_that_is_no_plain_ASCII_arrives_as_it_was_written()
    {
        const string Subject = "Ihre Bestellung für Zelte, Schlafsäcke und 日本の提灯 ist bestätigt — vielen Dank, 🏕!";

        var file = await LeftAsync(Letter with { Subject = Subject });

        Assert.All(await File.ReadAllBytesAsync(file.FullName, Cancellation), value => Assert.InRange(value, 0, 127));
        Assert.Equal(Subject, (await MimeMessage.LoadAsync(file.FullName, Cancellation)).Subject);
    }

    [Fact]
    public async Task A_file_is_there_whole_in_a_folder_that_is_made_when_it_is_missing_and_for_nobody_else_to_read()
    {
        using var sender = Sender();
        await sender.SendAsync(Letter, Cancellation);
        await sender.SendAsync(Letter, Cancellation);

        var files = _folder.GetFiles("*", SearchOption.AllDirectories);
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Equal(".eml", file.Extension));
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(Pickup).UnixFileMode);
        }
    }

    [Theory]
    [InlineData("ada@example.com\r\nBcc: all@example.com")]
    [InlineData("ada@example.com, eve@example.com")]
    [InlineData("ada")]
    [InlineData("")]
    public async Task What_is_no_address_is_not_written_to(string address)
    {
        using var sender = Sender();

        await Assert.ThrowsAnyAsync<FormatException>(() => sender.SendAsync(Letter with { To = address }, Cancellation));

        Assert.Empty(_folder.GetFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_mail_server_gets_the_email_from_the_shop_to_the_customer_alone()
    {
        await using var server = SmtpServer.Start();
        using var sender = Sender(server);

        await sender.SendAsync(Letter with { Text = "Grüße\n.\nBergen" }, Cancellation);

        var received = Assert.Single(server.Received);
        Assert.Equal(("orders@shop.example", Ada), (received.From, Assert.Single(received.To)));
        Assert.Equal("Your order 1001 is confirmed", received.Message.Subject);
        Assert.Equal("Grüße\n.\nBergen", TextOf(received.Message));
        Assert.Equal($"{Letter.Id:N}@shop.example", received.Message.MessageId);
        Assert.Equal("auto-generated", received.Message.Headers[HeaderId.AutoSubmitted]);
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 <ada@example.com>: nobody of that name here")]
    [InlineData("MAIL", "451 4.3.0 <orders@shop.example> to <ada@example.com>: come again later")]
    [InlineData("DATA", "554 5.7.1 ada@example.com wants no such letters")]
    [InlineData("EHLO", "no SMTP is spoken to ada@example.com")]
    public async Task A_refusal_says_what_kind_it_is_but_not_to_whom(string command, string answer)
    {
        await using var server = SmtpServer.Start();
        server.Answers[command] = answer;
        using var sender = Sender(server);

        var failure = await Assert.ThrowsAsync<EmailNotSentException>(() => sender.SendAsync(Letter, Cancellation));

        Assert.DoesNotContain(Ada, failure.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.False(DatabaseFailures.IsTransient(failure), "It would be tried for ever, as while the database is away.");
        if (char.IsAsciiDigit(answer[0]))
            Assert.Contains(answer[..3], failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task A_mail_server_that_is_not_there_is_not_taken_for_a_database_that_is_away()
    {
        var server = SmtpServer.Start();
        using var sender = Sender(server);
        await server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<EmailNotSentException>(() => sender.SendAsync(Letter, Cancellation));

        Assert.False(DatabaseFailures.IsTransient(failure));
    }

    [Fact]
    public async Task An_email_that_is_to_travel_encrypted_is_not_handed_to_a_server_that_can_not_do_that()
    {
        await using var server = SmtpServer.Start();
        using var sender = Sender(server, settings => settings.SmtpTls = true);

        await Assert.ThrowsAsync<EmailNotSentException>(() => sender.SendAsync(Letter, Cancellation));

        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task A_mail_server_never_gets_more_connections_than_it_is_to_get()
    {
        await using var server = SmtpServer.Start();
        using var sender = Sender(server, settings => settings.SmtpConnections = 2);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => sender.SendAsync(Letter, Cancellation)));

        Assert.Equal(12, server.Received.Count);
        Assert.InRange(server.MostTransactions, 1, 2);
    }

    private static string TextOf(MimeMessage message) => message.TextBody!.ReplaceLineEndings("\n");

    private async Task<FileInfo> LeftAsync(Email email)
    {
        using var sender = Sender();
        await sender.SendAsync(email, Cancellation);
        return Assert.Single(_folder.GetFiles("*", SearchOption.AllDirectories));
    }

    private EmailSender Sender(SmtpServer? server = null, Action<NotificationsOptions>? configure = null)
    {
        var settings = new NotificationsOptions { ShopName = "The \"Shop\"", PickupDirectory = Pickup, SmtpTls = false };
        if (server is not null)
            (settings.SmtpHost, settings.SmtpPort) = (IPAddress.Loopback.ToString(), server.Port);
        configure?.Invoke(settings);
        return new EmailSender(Options.Create(settings), new FakeTimeProvider(new DateTimeOffset(2026, 11, 5, 3, 7, 30, TimeSpan.Zero)));
    }
}
