using System.Text.Json.Serialization;
using Shop.Contracts.Baskets;
using Shop.Contracts.Catalog;
using Shop.Contracts.Events;
using Shop.Contracts.Messaging;
using Shop.Contracts.Ordering;
using Shop.Contracts.Promotions;

namespace Shop.Contracts;

/// <summary>The source-generated JSON of everything that crosses a process boundary: camelCase, nulls written as such.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProductPage))]
[JsonSerializable(typeof(ProductDetails))]
[JsonSerializable(typeof(IReadOnlyList<Category>))]
[JsonSerializable(typeof(IReadOnlyList<Brand>))]
[JsonSerializable(typeof(Page<Category>))]
[JsonSerializable(typeof(Page<Brand>))]
[JsonSerializable(typeof(Basket))]
[JsonSerializable(typeof(SetBasketItem))]
[JsonSerializable(typeof(PlaceOrder))]
[JsonSerializable(typeof(PricedLine[]))]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(OrderDetails))]
[JsonSerializable(typeof(OrderStatusChanged))]
[JsonSerializable(typeof(PaymentChoice))]
[JsonSerializable(typeof(CancelOrder))]
[JsonSerializable(typeof(Refund))]
[JsonSerializable(typeof(CreateFlashSale))]
[JsonSerializable(typeof(FlashSaleDetails))]
[JsonSerializable(typeof(Page<FlashSaleDetails>))]
[JsonSerializable(typeof(Page<FlashSaleOffer>))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(Page<DeadLetter>))]
[JsonSerializable(typeof(ResentLetters))]
[JsonSerializable(typeof(OutboxState))]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderAwaitsPayment))]
[JsonSerializable(typeof(OrderPaidAgain))]
[JsonSerializable(typeof(PaymentSucceeded))]
[JsonSerializable(typeof(PaymentRefused))]
[JsonSerializable(typeof(PaymentRefunded))]
[JsonSerializable(typeof(OrderConfirmed))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(OrderRefunded))]
[JsonSerializable(typeof(ProviderEventReceived))]
public sealed partial class ShopJson : JsonSerializerContext;
