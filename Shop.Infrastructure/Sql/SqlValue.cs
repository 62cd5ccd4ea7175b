using NpgsqlTypes;

namespace Shop.Infrastructure.Sql;

/// <summary>
/// What can be a parameter of a statement. A type of its own rather than <see cref="object"/>, because an array of
/// strings would pass for a list of parameters, and because a null needs a type to be sent.
/// </summary>
public readonly struct SqlValue
{
    private readonly object? _value;
    private readonly NpgsqlDbType _type;

    private SqlValue(object? value, NpgsqlDbType type) => (_value, _type) = (value, type);

    public static implicit operator SqlValue(string? value) => new(value, NpgsqlDbType.Text);

    public static implicit operator SqlValue(string?[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.Text);

    public static implicit operator SqlValue(int value) => new(value, NpgsqlDbType.Integer);

    public static implicit operator SqlValue(int[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    public static implicit operator SqlValue(long? value) => new(value, NpgsqlDbType.Bigint);

    public static implicit operator SqlValue(long[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public static implicit operator SqlValue(bool value) => new(value, NpgsqlDbType.Boolean);

    public static implicit operator SqlValue(bool[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.Boolean);

    public static implicit operator SqlValue(Guid? value) => new(value, NpgsqlDbType.Uuid);

    public static implicit operator SqlValue(Guid[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    public static implicit operator SqlValue(byte[] value) => new(value, NpgsqlDbType.Bytea);

    public static implicit operator SqlValue(byte[][] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.Bytea);

    public static implicit operator SqlValue(DateTimeOffset? value) => new(value, NpgsqlDbType.TimestampTz);

    public static implicit operator SqlValue(DateTimeOffset?[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);

    public static implicit operator SqlValue(DateTimeOffset[] value) => new(value, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);

    internal NpgsqlParameter ToParameter() => new() { Value = _value ?? DBNull.Value, NpgsqlDbType = _type };
}
