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

[DbContext(typeof(ShopDbContext)), Migration("0006_inventory_ledger")]
public sealed class InventoryLedger() : SqlMigration("0006_inventory_ledger.sql");

[DbContext(typeof(ShopDbContext)), Migration("0007_ordering_intake")]
public sealed class OrderingIntake() : SqlMigration("0007_ordering_intake.sql");

[DbContext(typeof(ShopDbContext)), Migration("0008_payments_lifecycle")]
public sealed class PaymentsLifecycle() : SqlMigration("0008_payments_lifecycle.sql");

[DbContext(typeof(ShopDbContext)), Migration("0009_messaging_dead_letters")]
public sealed class MessagingDeadLetters() : SqlMigration("0009_messaging_dead_letters.sql");

[DbContext(typeof(ShopDbContext)), Migration("0010_promotions_flash_sales")]
public sealed class PromotionsFlashSales() : SqlMigration("0010_promotions_flash_sales.sql");

[DbContext(typeof(ShopDbContext)), Migration("0011_sweepers")]
public sealed class SweeperIndexes() : SqlMigration("0011_sweepers.sql");

[DbContext(typeof(ShopDbContext)), Migration("0012_catalog_in_stock")]
public sealed class CatalogInStock() : SqlMigration("0012_catalog_in_stock.sql");

[DbContext(typeof(ShopDbContext)), Migration("0013_ordering_baskets")]
public sealed class OrderedBaskets() : SqlMigration("0013_ordering_baskets.sql");

[DbContext(typeof(ShopDbContext)), Migration("0014_messaging_secrets")]
public sealed class MessagingSecrets() : SqlMigration("0014_messaging_secrets.sql");

[DbContext(typeof(ShopDbContext)), Migration("0015_payment_attempts")]
public sealed class PaymentAttempts() : SqlMigration("0015_payment_attempts.sql");
