using System.Text.Json.Serialization;
using Shop.Web.Api;
using Shop.Web.Catalog;
using Shop.Web.Ordering;
using Shop.Web.Storefront;

namespace Shop.Web;

/// <summary>The source-generated JSON of what is the storefront's own: problems, notices, data for its scripts.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(CheckoutForm))]
[JsonSerializable(typeof(Notice))]
[JsonSerializable(typeof(IReadOnlyList<VariantState>))]
[JsonSerializable(typeof(ProductMarkup))]
public sealed partial class WebJson : JsonSerializerContext;
