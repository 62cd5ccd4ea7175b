using Microsoft.EntityFrameworkCore.Migrations;

namespace Shop.Infrastructure.Migrations;

/// <summary>
/// A migration written as SQL and shipped inside the assembly. EF Core runs it, keeps the history and lets one process
/// migrate at a time; the SQL stays what it is, readable by whoever runs the database.
/// </summary>
public abstract class SqlMigration(string fileName) : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var resource = $"{typeof(SqlMigration).Namespace}.{fileName}";
        using var stream = typeof(SqlMigration).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The migration {resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        migrationBuilder.Sql(reader.ReadToEnd());
    }
}
