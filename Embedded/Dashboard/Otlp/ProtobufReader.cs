using System.Buffers.Binary;
using System.Text;

namespace Embedded.Dashboard.Otlp;

/// <summary>
/// Walks the fields of one protobuf message in place (https://protobuf.dev/programming-guides/encoding/): most spans of a
/// busy shop are looked at and let go, and generated classes would allocate all of each.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int VarintBits = 7;
    private const int LongestVarint = 10;

    private ReadOnlySpan<byte> _rest = message;
    private int _wireType;

    /// <summary>The number of the field that <see cref="Next"/> came to.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; what is left of the one before must have been read or skipped.</summary>
    /// <exception cref="InvalidDataException">This is no protobuf message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;

        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        _wireType = (int)(tag & 7);
        return Field > 0 ? true : throw Malformed("a field has the number 0");
    }

    public void Skip()
    {
        switch (_wireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Take(sizeof(ulong));
                break;
            case 2:
                ReadBytes();
                break;
            case 5:
                Take(sizeof(uint));
                break;
            default:
                throw Malformed($"a field has the wire type {_wireType}");
        }
    }

    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var index = 0; index < LongestVarint && index < _rest.Length; index++)
        {
            value |= (ulong)(_rest[index] & 0x7F) << (VarintBits * index);
            if (_rest[index] < 0x80)
            {
                _rest = _rest[(index + 1)..];
                return value;
            }
        }

        throw Malformed("a number doesn't end");
    }

    /// <summary>A <c>sint32</c>: positive and negative numbers by turns.</summary>
    public int ReadZigZag()
    {
        var value = (uint)ReadVarint();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    public ulong ReadFixed64()
    {
        Expect(1);
        return BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
    }

    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadFixed64());

    /// <summary>Bytes, a string's UTF-8, or a message within.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(2);
        var length = ReadVarint();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw Malformed("a field is longer than its message");
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>A repeated number of 64 bits each, packed or one by one.</summary>
    public void ReadFixed64s(List<ulong> into)
    {
        if (_wireType == 1)
        {
            into.Add(ReadFixed64());
            return;
        }

        for (var packed = ReadBytes(); !packed.IsEmpty; packed = packed[sizeof(ulong)..])
        {
            if (packed.Length < sizeof(ulong)) throw Malformed("a list of numbers ends within one");
            into.Add(BinaryPrimitives.ReadUInt64LittleEndian(packed));
        }
    }

    /// <summary>A repeated varint, packed or one by one.</summary>
    public void ReadVarints(List<ulong> into)
    {
        if (_wireType == 0)
        {
            into.Add(ReadVarint());
            return;
        }

        var packed = new ProtobufReader(ReadBytes());
        while (!packed._rest.IsEmpty)
            into.Add(packed.ReadVarint());
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw Malformed("the message ends within a field");

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private readonly void Expect(int wireType)
    {
        if (_wireType != wireType) throw Malformed($"field {Field} has the wire type {_wireType} instead of {wireType}");
    }

    private static InvalidDataException Malformed(string why) => new($"This is not a protobuf message of OTLP: {why}.");
}
