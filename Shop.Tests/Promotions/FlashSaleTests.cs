using Shop.Domain;
using Shop.Domain.Promotions;

namespace Shop.Tests.Promotions;

[Trait("Category", "Unit")]
public sealed class FlashSaleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly Arbitrary<FlashSaleItem> Items =
        (from quantity in Gen.Choose(1, 40)
         from taken in Gen.Choose(0, quantity)
         from limit in Gen.Choose(1, 10)
         select Item(quantity: quantity, limit: limit) with { Taken = taken }).ToArbitrary();

    [Fact]
    public void However_customers_come_the_sale_sells_no_more_than_it_has_and_to_nobody_more_than_the_limit()
    {
        var purchases = Gen.Choose(0, 3).SelectMany(_ => Gen.Choose(1, 5), (customer, quantity) => (Customer: customer, Quantity: quantity))
            .ListOf().ToArbitrary();
        Prop.ForAll(Items, purchases, (item, wanted) =>
        {
            var bought = new int[4];
            foreach (var (customer, quantity) in wanted)
            {
                if (item.Allows(quantity, bought[customer]) is not SaleVerdict.Allowed)
                    continue;
                bought[customer] += quantity;
                item = item with { Taken = item.Taken + quantity };
            }

            return item.Taken <= item.Quantity && bought.All(pieces => pieces <= item.LimitPerCustomer);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nobody_is_refused_what_the_sale_has_and_the_limit_allows() =>
        Prop.ForAll(Items, Gen.Choose(1, 12).ToArbitrary(), Gen.Choose(0, 12).ToArbitrary(), (item, quantity, bought) =>
            item.Allows(quantity, bought) == (quantity > item.Left ? SaleVerdict.SoldOut
                : bought + quantity > item.LimitPerCustomer ? SaleVerdict.OverLimit
                : SaleVerdict.Allowed)).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_sold_out_is_sold_out_to_whoever_has_had_his_share_too() =>
        Assert.Equal(SaleVerdict.SoldOut, (Item(quantity: 5, limit: 2) with { Taken = 5 }).Allows(1, alreadyBought: 2));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(1, -1)]
    public void Pieces_out_of_reason_are_a_mistake_of_the_caller(int quantity, int bought) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Item().Allows(quantity, bought));

    [Fact]
    public void A_sale_runs_from_its_start_up_to_its_end_and_not_at_it()
    {
        var sale = FlashSale.Plan(Guid.NewGuid(), "Lanterns", Noon, Noon.AddHours(1), [Item()]);

        Assert.False(sale.IsRunning(Noon.AddTicks(-1)));
        Assert.True(sale.IsRunning(Noon));
        Assert.True(sale.IsRunning(Noon.AddHours(1).AddTicks(-1)));
        Assert.False(sale.IsRunning(Noon.AddHours(1)));
        Assert.True(sale.IsOver(Noon.AddHours(1)));
        Assert.False(sale.IsOver(Noon.AddHours(1).AddTicks(-1)));
    }

    [Fact]
    public void A_sale_may_be_as_long_as_its_limits_and_give_things_away()
    {
        FlashSaleItem[] items = [.. Enumerable.Range(1, FlashSale.MaxItems).Select(number => Item() with { Sku = $"LAMP-{number}" })];
        items[0] = items[0] with { Price = Money.Zero(Currency.Eur) };
        var name = new string('x', FlashSale.MaxNameLength);

        Assert.Equal(FlashSale.MaxItems, FlashSale.Plan(Guid.NewGuid(), name, Noon, Noon.AddDays(FlashSale.MaxDays), items).Items.Count);
        Assert.False(FlashSale.IsPeriod(Noon, Noon.AddDays(FlashSale.MaxDays).AddTicks(1)));
    }

    [Theory]
    [InlineData("ada@example.com", " Ada@Example.COM ")]
    [InlineData("ada@example.com", "ada+second@example.com")]
    [InlineData("ada@gmail.com", "bob@gmail.com", false)]
    [InlineData("ada@example.com", "ada@example.com.")]
    [InlineData("ada@example.com", "\"ada\"@example.com")]
    [InlineData("ada@example.com", "a\u200Bda@example.com")]
    [InlineData("ada@example.com", "ａｄａ@example.com")]
    [InlineData("istanbul@example.com", "İstanbul@example.com")]
    [InlineData("ada.byron@gmail.com", "adabyron@googlemail.com")]
    [InlineData("ada.byron@example.com", "adabyron@example.com", false)]
    [InlineData("+ada@example.com", "+bob@example.com", false)]
    [InlineData("grüße@example.com", "GRÜSSE@example.com", false)]
    public void A_customer_is_an_address_however_it_is_written(string one, string other, bool same = true) =>
        Assert.Equal(same, FlashSale.CustomerOf(one) == FlashSale.CustomerOf(other));

    [Fact]
    public void What_makes_no_sale_can_not_be_planned()
    {
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), " ", Noon, Noon.AddHours(1), [Item()]));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), new string('x', 101), Noon, Noon.AddHours(1), [Item()]));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon, [Item()]));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddDays(32), [Item()]));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddHours(1), []));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddHours(1), [Item(), Item()]));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddHours(1), [Item(quantity: 0)]));
        Assert.Throws<ArgumentException>(() => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddHours(1), [Item(limit: 0)]));
        Assert.Throws<ArgumentException>(
            () => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddHours(1), [Item() with { Sku = "NO SKU" }]));
        Assert.Throws<ArgumentException>(
            () => FlashSale.Plan(Guid.NewGuid(), "Sale", Noon, Noon.AddHours(1), [Item() with { Price = new Money(-1, Currency.Eur) }]));
    }

    private static FlashSaleItem Item(int quantity = 10, int limit = 3) => new("LANTERN", new Money(999, Currency.Eur), quantity, limit);
}
