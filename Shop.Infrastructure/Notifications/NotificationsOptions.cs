using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Notifications;

/// <summary>Configuration section <c>Notifications</c>.</summary>
public sealed class NotificationsOptions : IValidatableObject
{
    /// <summary>Where customers reach the shop; links in e-mails begin with it.</summary>
    [Required(ErrorMessage = "{0} is missing: set it to the address at which customers reach the shop.")]
    [Url(ErrorMessage = "{0} must be an address such as https://shop.example.")]
    public string ShopUrl { get; set; } = "http://localhost:8080";

    [Required(ErrorMessage = "{0} is missing.")]
    public string ShopName { get; set; } = "Northbound";

    [EmailAddress(ErrorMessage = "{0} must be an e-mail address.")]
    public string From { get; set; } = "orders@shop.example";

    /// <summary>The mail server. Without one, e-mails are written as files into <see cref="PickupDirectory"/>.</summary>
    public string? SmtpHost { get; set; }

    [Range(1, 65535)]
    public int SmtpPort { get; set; } = 587;

    /// <summary>Whether e-mails travel encrypted: by TLS from the first byte on port 465, on others by STARTTLS or not at all.</summary>
    public bool SmtpTls { get; set; } = true;

    public string? SmtpUser { get; set; }

    public string? SmtpPassword { get; set; }

    /// <summary>How many e-mails are handed to the mail server at once; most of them refuse more than a few connections.</summary>
    [Range(1, 100)]
    public int SmtpConnections { get; set; } = 8;

    /// <summary>
    /// Where <c>.eml</c> files go when there is no mail server; nowhere unless it is named, since they hold what customers wrote.
    /// </summary>
    public string? PickupDirectory { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(SmtpHost) && string.IsNullOrWhiteSpace(PickupDirectory))
        {
            yield return new ValidationResult(
                "Set Notifications:SmtpHost to a mail server, or Notifications:PickupDirectory to a folder for e-mail files.");
        }
    }
}
