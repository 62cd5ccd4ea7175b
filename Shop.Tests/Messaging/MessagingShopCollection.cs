namespace Shop.Tests.Messaging;

/// <summary>Tests of messages that fail go one after another and beside nothing else, as those of the running shop do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MessagingShopCollection : ICollectionFixture<MessagingShop>
{
    public const string Name = "messaging shop";
}
