using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Notifications;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;
using Shop.ServiceDefaults;
using Shop.Worker.Audit;
using Shop.Worker.Catalog;
using Shop.Worker.Messaging;
using Shop.Worker.Migrations;
using Shop.Worker.Notifications;
using Shop.Worker.Ordering;
using Shop.Worker.Payments;
using Shop.Worker.Sweepers;
using Shop.Worker.Telemetry;

if (args is ["migrate", .. var migrateArguments])
    return await MigrateCommand.RunAsync(migrateArguments);
if (args is ["reset", .. var resetArguments])
    return await ResetCommand.RunAsync(resetArguments);
if (args is ["audit", .. var auditArguments])
    return await AuditCommand.RunAsync(auditArguments);
if (args is ["dead-letters", .. var letterArguments])
    return await DeadLettersCommand.RunAsync(letterArguments);
if (args is ["outbox", .. var outboxArguments])
    return await OutboxCommand.RunAsync(outboxArguments);

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();

builder.AddShopDatabase();
builder.AddInventory();
builder.AddShopMessaging();
builder.AddMessagingAdministration();
builder.AddPayments();
builder.AddNotifications();
builder.AddOrderTransitions();

builder.AddDatabaseSignals(Outbox.Channel, Stock.CrossedChannel);
builder.AddMessagingOptions();
builder.AddOutboxRelay();
builder.AddConsumer<PaymentsConsumer>(BrokerTopology.PaymentsQueue);
builder.AddConsumer<OrderingConsumer>(BrokerTopology.OrderingQueue);
builder.AddConsumer<NotificationsConsumer>(BrokerTopology.NotificationsQueue);
builder.AddConsumer<DeadLetterConsumer>(BrokerTopology.DeadLetters);
builder.Services.AddSingleton<ProductAvailability>();
builder.Services.AddHostedService<AvailabilityKeeper>();
builder.AddSweepers();
builder.AddGauges();

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunToEndAsync();
