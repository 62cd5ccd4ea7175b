using System.Diagnostics;
using System.Net;
using System.Net.Mail;
using System.Text;
using Microsoft.Extensions.Options;

namespace Shop.Infrastructure.Notifications;

/// <summary>Sends by SMTP where a mail server is configured; otherwise leaves each e-mail as an <c>.eml</c> file to be looked at.</summary>
public sealed class EmailSender(IOptions<NotificationsOptions> options, TimeProvider time) : IDisposable
{
    private static readonly ActivitySource Source = new("Shop.Notifications");

    private readonly SemaphoreSlim _connections = new(options.Value.SmtpConnections);

    public void Dispose() => _connections.Dispose();

    /// <exception cref="FormatException">The address is none.</exception>
    /// <exception cref="SmtpException">The mail server refused or didn't answer.</exception>
    /// <exception cref="IOException">The file couldn't be written.</exception>
    public async Task SendAsync(Email email, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(email);
        // To whom it goes is nobody's business in a trace.
        using var span = Source.StartActivity("send e-mail", ActivityKind.Client);
        var settings = options.Value;
        span?.SetTag("server.address", settings.SmtpHost is { Length: > 0 } server ? server : "pickup directory");
        var from = new MailAddress(settings.From, settings.ShopName);
        var to = new MailAddress(email.To);
        if (settings.SmtpHost is { Length: > 0 } host)
            await SendBySmtpAsync(host, from, to, email, cancellationToken);
        else
            Leave(settings.PickupDirectory, EmailFile.Write(from, to, email, time.GetUtcNow()));
    }

    private async Task SendBySmtpAsync(string host, MailAddress from, MailAddress to, Email email, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        using var message = new MailMessage(from, to)
        {
            Subject = email.Subject,
            Body = email.Text,
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
        };
        message.Headers.Add("Message-ID", EmailFile.MessageId(from, email));
        message.Headers.Add("Auto-Submitted", EmailFile.AutoSubmitted);
        await _connections.WaitAsync(cancellationToken);
        try
        {
            using var client = new SmtpClient(host, settings.SmtpPort)
            {
                EnableSsl = settings.SmtpTls,
                Credentials = settings.SmtpUser is null ? null : new NetworkCredential(settings.SmtpUser, settings.SmtpPassword),
            };
            await client.SendMailAsync(message, cancellationToken);
        }
        catch (SmtpException refused)
        {
            // Servers like to repeat the address in their answer, and why it failed is logged and kept with the message.
            var reason = refused.GetBaseException() is SmtpException ? refused.StatusCode.ToString() : refused.GetBaseException().Message;
            throw new SmtpException(refused.StatusCode, $"The mail server failed or refused: {reason}");
        }
        finally
        {
            _connections.Release();
        }
    }

    /// <summary>
    /// Not asynchronous: the system takes a file of a kilobyte into memory faster than another thread could be asked to.
    /// It gets its name when it is whole, so a crash leaves no half e-mail.
    /// </summary>
    private static void Leave(string directory, ReadOnlySpan<byte> message)
    {
        var path = Path.Combine(directory, $"{Guid.CreateVersion7():N}.eml");
        var unfinished = $"{path}.part";
        try
        {
            File.WriteAllBytes(unfinished, message);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(unfinished, message);
        }

        File.Move(unfinished, path);
    }
}
