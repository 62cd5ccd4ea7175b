namespace Shop.Tests.Messaging;

/// <summary>Tests of messages that fail go one after another, in a shop of their own.</summary>
[CollectionDefinition(Name)]
public sealed class MessagingShopCollection : ICollectionFixture<MessagingShop>
{
    public const string Name = "messaging shop";
}
