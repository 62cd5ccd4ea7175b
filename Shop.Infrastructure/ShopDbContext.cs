using Microsoft.EntityFrameworkCore;

namespace Shop.Infrastructure;

/// <summary>
/// The shop's database: its connection, and the migrations that make its schema. What has a life of its own is loaded,
/// changed through its methods and stored by SQL over that connection (<see cref="DatabaseAccess"/>).
/// </summary>
public sealed class ShopDbContext(DbContextOptions<ShopDbContext> options) : DbContext(options);
