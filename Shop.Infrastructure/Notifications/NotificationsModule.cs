using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Infrastructure.Ordering;
using Shop.ServiceDefaults;

namespace Shop.Infrastructure.Notifications;

/// <summary>What e-mails bring.</summary>
public static class NotificationsModule
{
    /// <summary>Writing to customers.</summary>
    public static void AddNotifications(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSettings<NotificationsOptions>("Notifications");
        builder.AddOrderTokens();
        builder.Services.AddSingleton<EmailSender>();
        builder.Services.AddSingleton<OrderEmails>();
    }
}
