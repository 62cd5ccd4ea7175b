using System.Text.Json.Serialization;
using Shop.Contracts.Catalog;

namespace Shop.Infrastructure.Catalog;

/// <summary>The JSON kept in the catalogue's own columns.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProductImage[]))]
[JsonSerializable(typeof(ProductOption[]))]
internal sealed partial class CatalogJson : JsonSerializerContext;
