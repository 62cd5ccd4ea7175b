using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Shop.Infrastructure.Migrations;

[DbContext(typeof(ShopDbContext)), Migration("0001_catalog")]
public sealed class CatalogSchema() : SqlMigration("0001_catalog.sql");

[DbContext(typeof(ShopDbContext)), Migration("0002_inventory")]
public sealed class InventorySchema() : SqlMigration("0002_inventory.sql");

[DbContext(typeof(ShopDbContext)), Migration("0003_ordering")]
public sealed class OrderingSchema() : SqlMigration("0003_ordering.sql");

[DbContext(typeof(ShopDbContext)), Migration("0004_payments")]
public sealed class PaymentsSchema() : SqlMigration("0004_payments.sql");

[DbContext(typeof(ShopDbContext)), Migration("0005_messaging")]
public sealed class MessagingSchema() : SqlMigration("0005_messaging.sql");
