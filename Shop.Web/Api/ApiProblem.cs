using System.Text.Json.Serialization;

namespace Shop.Web.Api;

/// <summary>The problem details (RFC 9457) by which the API refuses.</summary>
/// <param name="Errors">Of a 400: the messages for each field, keyed by its JSON path, e.g. <c>shippingAddress.city</c>.</param>
/// <param name="OrderId">Of a 409 to a basket that was ordered already: that order.</param>
/// <param name="Skus">Of a 409 to an order: what there isn't enough of.</param>
public sealed record ApiProblem(
    string? Type,
    string? Title,
    string? Detail,
    int? Status,
    Dictionary<string, string[]>? Errors,
    [property: JsonConverter(typeof(SkuListConverter))] IReadOnlyList<string>? Skus,
    Guid? OrderId = null);
