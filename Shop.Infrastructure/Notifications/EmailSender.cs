using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Shop.Infrastructure.Notifications;

/// <summary>Sends by SMTP where a mail server is configured; otherwise leaves each e-mail as an <c>.eml</c> file to be looked at.</summary>
public sealed class EmailSender(IOptions<NotificationsOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>The port on which TLS is spoken from the first byte (RFC 8314); on others it is asked for by STARTTLS.</summary>
    private const int ImplicitTlsPort = 465;

    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    private static readonly ActivitySource Source = new("Shop.Notifications");

    private static readonly ParserOptions WholeAddresses = new() { AllowAddressesWithoutDomain = false };

    private static readonly FormatOptions AsOnTheWire = new() { NewLineFormat = NewLineFormat.Dos };

    private readonly SemaphoreSlim _connections = new(options.Value.SmtpConnections);

    public void Dispose() => _connections.Dispose();

    /// <exception cref="FormatException">The address is none.</exception>
    /// <exception cref="EmailNotSentException">The mail server refused or didn't answer.</exception>
    /// <exception cref="IOException">The file couldn't be written.</exception>
    public async Task SendAsync(Email email, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(email);
        // To whom it goes is nobody's business in a trace.
        using var span = Source.StartActivity("send e-mail", ActivityKind.Client);
        var settings = options.Value;
        span?.SetTag("server.address", settings.SmtpHost is { Length: > 0 } server ? server : "pickup directory");
        using var message = Compose(email);
        if (settings.SmtpHost is { Length: > 0 } host)
            await SendBySmtpAsync(host, message, cancellationToken);
        else
            Leave(settings.PickupDirectory!, message);
    }

    private MimeMessage Compose(Email email)
    {
        var from = new MailboxAddress(options.Value.ShopName, options.Value.From);
        var message = new MimeMessage([from], [MailboxAddress.Parse(WholeAddresses, email.To)], email.Subject, new TextPart("plain")
        {
            Text = email.Text,
            ContentTransferEncoding = ContentEncoding.QuotedPrintable,
        })
        {
            Date = time.GetUtcNow(),
            // The same for the same e-mail, however often it is sent.
            MessageId = $"{email.Id:N}@{from.Domain}",
        };
        // Nobody's out-of-office note shall answer it (RFC 3834).
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }

    private async Task SendBySmtpAsync(string host, MimeMessage message, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        await _connections.WaitAsync(cancellationToken);
        try
        {
            // Asking who issued a certificate whether it still holds needs a way out of the network that a worker may not have.
            using var client = new SmtpClient { CheckCertificateRevocation = false };
            await client.ConnectAsync(host, settings.SmtpPort, settings switch
            {
                { SmtpTls: false } => SecureSocketOptions.None,
                { SmtpPort: ImplicitTlsPort } => SecureSocketOptions.SslOnConnect,
                _ => SecureSocketOptions.StartTls,
            }, cancellationToken);
            if (settings.SmtpUser is not null)
                await client.AuthenticateAsync(settings.SmtpUser, settings.SmtpPassword ?? "", cancellationToken);
            await client.SendAsync(message, cancellationToken);
            // What the server has accepted is sent, also when it has no answer to a farewell: then this returns when the time is over.
            using var briefly = new CancellationTokenSource(LongestFarewell);
            await client.DisconnectAsync(quit: true, briefly.Token);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Servers like to repeat the address in their answer, and why it failed is logged and kept with the message. Nor
            // is it kept within: a mail server that can't be reached must not be taken for a database that can't.
            throw new EmailNotSentException($"The mail server failed or refused: {Reason(failure)}");
        }
        finally
        {
            _connections.Release();
        }
    }

    /// <returns>Nothing of what the server wrote.</returns>
    private static string Reason(Exception failure) => failure switch
    {
        SmtpCommandException refused => $"{(int)refused.StatusCode} {refused.StatusCode}",
        SmtpProtocolException or AuthenticationException => failure.GetType().Name,
        _ => failure.GetBaseException().Message,
    };

    /// <summary>
    /// Not asynchronous: the system takes a file of a kilobyte into memory faster than another thread could be asked to.
    /// It gets its name when it is whole, so a crash leaves no half e-mail.
    /// </summary>
    private static void Leave(string directory, MimeMessage message)
    {
        var path = Path.Combine(directory, $"{Guid.CreateVersion7():N}.eml");
        var unfinished = $"{path}.part";
        try
        {
            Write(unfinished, message);
        }
        catch (DirectoryNotFoundException)
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(directory);
            else
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Write(unfinished, message);
        }

        File.Move(unfinished, path);
    }

    /// <summary>What is written to customers is for their eyes: other users of the machine don't get to read it.</summary>
    private static void Write(string path, MimeMessage message)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        message.WriteTo(AsOnTheWire, file);
    }
}

/// <summary>An e-mail to one person.</summary>
/// <param name="Id">What it tells; sent twice, a mail program knows by it that it is the same.</param>
/// <param name="To">An address.</param>
/// <param name="Text">Plain text; its lines end with a line feed.</param>
public sealed record Email(Guid Id, string To, string Subject, string Text);

/// <summary>The mail server refused, failed or didn't answer. The message never holds the recipient's address.</summary>
public sealed class EmailNotSentException(string message) : Exception(message);
