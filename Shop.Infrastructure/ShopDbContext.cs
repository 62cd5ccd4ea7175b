using Microsoft.EntityFrameworkCore;
using Shop.Domain.Payments;
using Shop.Infrastructure.Payments;

namespace Shop.Infrastructure;

/// <summary>
/// What of the database has a life of its own and is changed through methods. Hot paths and lists are SQL
/// over the same connection (<see cref="DatabaseAccess"/>).
/// </summary>
public sealed class ShopDbContext(DbContextOptions<ShopDbContext> options) : DbContext(options)
{
    public DbSet<Payment> Payments => Set<Payment>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfiguration(new PaymentMapping());
    }
}
