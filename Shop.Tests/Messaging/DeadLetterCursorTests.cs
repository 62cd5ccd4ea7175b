namespace Shop.Tests.Messaging;

[Trait("Category", "Unit")]
public sealed class DeadLetterCursorTests
{
    [Fact]
    public void A_cursor_is_read_as_it_was_written()
    {
        var cursor = new DeadLetterCursor(
            new DateTimeOffset(2026, 11, 25, 3, 7, 30, TimeSpan.Zero).AddMicroseconds(123_456), Guid.NewGuid());

        Assert.True(DeadLetterCursor.TryParse(cursor.ToString(), out var read));
        Assert.Equal(cursor, read);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("________________________________")]
    [InlineData("é")]
    public void Anything_else_is_none(string text) => Assert.False(DeadLetterCursor.TryParse(text, out _));
}
