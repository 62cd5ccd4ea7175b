namespace Shop.Contracts.Catalog;

/// <summary>A category for menus.</summary>
/// <param name="ImageUrl">A picture that stands for it.</param>
/// <param name="ProductCount">Published products in it and below it.</param>
public sealed record Category(string Slug, string Name, string ImageUrl, int ProductCount, IReadOnlyList<Category> Children);

/// <summary>A brand for menus.</summary>
public sealed record Brand(string Slug, string Name, int ProductCount);
