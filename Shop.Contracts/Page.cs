namespace Shop.Contracts;

/// <summary>One page of a list that is paged by keyset.</summary>
/// <param name="Items">At most as many as <c>pageSize</c> asked for (1 to <see cref="PageSize.Max"/>, <see cref="PageSize.Usual"/> unless
/// told).</param>
/// <param name="NextCursor">Send it as <c>cursor</c> to get the next page; <see langword="null"/> on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>How many items the pages of all lists have.</summary>
public static class PageSize
{
    public const int Usual = 24;
    public const int Max = 100;
}
