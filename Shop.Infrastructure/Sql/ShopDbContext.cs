using Microsoft.EntityFrameworkCore;

namespace Shop.Infrastructure.Sql;

/// <summary>
/// The shop's database for Entity Framework, which runs the migrations that make its schema. All else is SQL over connections
/// of a <see cref="Npgsql.NpgsqlDataSource"/> (<see cref="DatabaseAccess"/>, <see cref="HotPath"/>).
/// </summary>
public sealed class ShopDbContext(DbContextOptions<ShopDbContext> options) : DbContext(options);
