using System.Net;
using System.Net.Mail;
using System.Text;
using Microsoft.Extensions.Options;

namespace Shop.Infrastructure.Notifications;

/// <summary>Sends by SMTP where a mail server is configured; otherwise leaves each e-mail as an <c>.eml</c> file to be looked at.</summary>
public sealed class EmailSender(IOptions<NotificationsOptions> options)
{
    /// <exception cref="SmtpException">The mail server refused or didn't answer.</exception>
    /// <exception cref="IOException">The file couldn't be written.</exception>
    public async Task SendAsync(string to, string subject, string text, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        using var message = new MailMessage(new MailAddress(settings.From, settings.ShopName), new MailAddress(to))
        {
            Subject = subject,
            Body = text,
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
        };
        using var client = settings.SmtpHost is { Length: > 0 } host
            ? new SmtpClient(host, settings.SmtpPort)
            {
                EnableSsl = settings.SmtpTls,
                Credentials = settings.SmtpUser is null ? null : new NetworkCredential(settings.SmtpUser, settings.SmtpPassword),
            }
            : new SmtpClient
            {
                DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory,
                PickupDirectoryLocation = Directory.CreateDirectory(settings.PickupDirectory).FullName,
            };
        await client.SendMailAsync(message, cancellationToken);
    }
}
