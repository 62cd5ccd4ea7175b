using Shop.Domain;
using Shop.Domain.Baskets;
using Shop.Domain.Ordering;

namespace Shop.Tests.Ordering;

[Trait("Category", "Unit")]
public sealed class OrderTests
{
    private static readonly DateTimeOffset Morning = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);
    private static readonly ShippingAddress Address = new("Ada Byron", "Main Street 1", null, "Bergen", "5003", "NO");

    private static readonly Arbitrary<Command[]> Lives = Gen.Elements(Enum.GetValues<Command>()).ArrayOf().ToArbitrary();

    private static readonly Arbitrary<OrderLine[]> ManyLines =
        Gen.Choose(0, 100_000_000).Two().Zip(
            Gen.Choose(1, Basket.MaxQuantity), (price, quantity) => (Price: (long)price.Item1 * (price.Item2 % 100), Quantity: quantity))
            .NonEmptyListOf().Resize(Basket.MaxLines)
            .Select(lines => lines.Take(Basket.MaxLines).Select((line, index) => Line(index, line.Price, line.Quantity)).ToArray())
            .ToArbitrary();

    /// <summary>All that may happen to an order.</summary>
    public enum Command
    {
        Confirm,
        RefusePayment,
        Cancel,
        Ship,
        Deliver,
        Refund,
    }

    [Fact]
    public void The_total_is_the_sum_of_the_lines() =>
        Prop.ForAll(ManyLines, lines =>
        {
            var order = Place(lines);
            return order.Total.MinorUnits == lines.Sum(line => line.UnitPriceMinor * line.Quantity)
                && order.Total.Currency == Currency.Eur
                && order.Lines.SequenceEqual(lines);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_total_does_not_depend_on_the_order_of_the_lines() =>
        Prop.ForAll(ManyLines, lines => Place(lines).Total == Place([.. lines.Reverse()]).Total).QuickCheckThrowOnFailure();

    [Fact]
    public void A_total_too_large_to_be_exact_is_refused() =>
        Assert.Throws<OverflowException>(() => Place([Line(0, long.MaxValue / 2, 2), Line(1, 2, 1)]));

    [Fact]
    public void An_order_moves_along_the_rules_or_refuses_and_stays_as_it_was() =>
        Prop.ForAll(Lives, commands =>
        {
            var order = Place([Line(0, 1999, 2)]);
            var expectedHistory = new List<OrderTransition>(order.History);
            Assert.Equal(OrderStatus.Processing, Assert.Single(expectedHistory).Status);

            foreach (var (step, command) in commands.Index())
            {
                var now = Morning.AddMinutes(step + 1);
                var before = Snapshot(order);
                var target = Target(command);
                if (command is Command.Refund && order.Status is OrderStatus.Cancelled)
                {
                    Do(order, command, now);
                    Assert.Equal(before with { PaymentStatus = OrderPaymentStatus.Refunded }, Snapshot(order));
                }
                else if (command is Command.RefusePayment && order.Status is OrderStatus.Cancelled)
                {
                    Do(order, command, now);
                    Assert.Equal(before with { PaymentStatus = OrderPaymentStatus.Refused }, Snapshot(order));
                }
                else if (Order.Next(order.Status).Contains(target))
                {
                    Do(order, command, now);
                    Assert.Equal(target, order.Status);
                    expectedHistory.Add(new OrderTransition(target, now, order.History[^1].Cause));
                    Assert.NotEmpty(order.History[^1].Cause);
                }
                else
                {
                    var from = order.Status;
                    var refused = Assert.Throws<IllegalOrderTransitionException>(() => Do(order, command, now));
                    Assert.Equal((from, target), (refused.From, refused.To));
                    Assert.Contains(from.ToString(), refused.Message, StringComparison.OrdinalIgnoreCase);
                    Assert.Contains(target.ToString(), refused.Message, StringComparison.OrdinalIgnoreCase);
                    Assert.Equal(before, Snapshot(order));
                }

                Assert.Equal(expectedHistory, order.History);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_has_ended_never_moves_again() =>
        Prop.ForAll(Lives, commands =>
        {
            var order = Place([Line(0, 1999, 2)]);
            OrderStatus? end = null;
            foreach (var command in commands)
            {
                Try(order, command);
                Assert.True(end is null || order.Status == end, $"{end} was the end, but {command} made it {order.Status}.");
                if (order.IsFinal)
                    end = order.Status;
            }

            return end is null or OrderStatus.Cancelled or OrderStatus.Refunded;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(OrderStatus.Processing, OrderStatus.Confirmed, OrderStatus.Cancelled)]
    [InlineData(OrderStatus.Confirmed, OrderStatus.Shipped, OrderStatus.Refunded)]
    [InlineData(OrderStatus.Shipped, OrderStatus.Delivered, OrderStatus.Refunded)]
    [InlineData(OrderStatus.Delivered, OrderStatus.Refunded)]
    [InlineData(OrderStatus.Cancelled)]
    [InlineData(OrderStatus.Refunded)]
    public void These_are_the_rules(OrderStatus from, params OrderStatus[] next) => Assert.Equal(next, Order.Next(from).ToArray());

    [Fact]
    public void A_refused_payment_cancels_the_order_with_its_reason_when_there_is_no_time_for_another()
    {
        var order = Place([Line(0, 1999, 1)]);

        order.RefusePayment("The card was declined.", TimeSpan.Zero, Morning);

        Assert.Equal(OrderStatus.Cancelled, order.Status);
        Assert.Equal(OrderPaymentStatus.Refused, order.PaymentStatus);
        Assert.Equal("The card was declined.", order.CancelReason);
        Assert.Equal("The card was declined.", order.History[^1].Cause);
    }

    [Fact]
    public void A_payment_that_was_made_is_not_refused_afterwards()
    {
        var order = Place([Line(0, 1999, 1)]);
        order.Confirm(Morning);

        Assert.Throws<IllegalOrderTransitionException>(() => order.RefusePayment("The card was declined.", Quarter, Morning));
        Assert.Equal(OrderPaymentStatus.Paid, order.PaymentStatus);
    }

    [Fact]
    public void A_refused_payment_leaves_time_for_another_one_counted_from_the_first_refusal()
    {
        var order = Place([Line(0, 1999, 1)]);

        order.RefusePayment("The card was declined.", Quarter, Morning);
        Assert.True(order.AwaitsPayment);
        Assert.Equal(OrderStatus.Processing, order.Status);
        Assert.Equal((Morning + Quarter, "The card was declined."), (order.PayUntil, order.PaymentReason));

        order.PayAgain(Morning + (Quarter / 3));
        Assert.False(order.AwaitsPayment);
        Assert.Equal((OrderPaymentStatus.Pending, 2), (order.PaymentStatus, order.PaymentAttempt));

        order.RefusePayment("The card has insufficient funds.", Quarter, Morning + (Quarter / 2));
        Assert.Equal(Morning + Quarter, order.PayUntil);
        order.PayAgain(Morning + (Quarter / 2));
        order.Confirm(Morning + (Quarter / 2));
        Assert.Equal((OrderStatus.Confirmed, OrderPaymentStatus.Paid, 3), (order.Status, order.PaymentStatus, order.PaymentAttempt));
    }

    [Fact]
    public void A_second_payment_begins_neither_beside_the_first_nor_when_the_time_is_over()
    {
        var order = Place([Line(0, 1999, 1)]);
        Assert.Throws<InvalidOperationException>(() => order.PayAgain(Morning));

        order.RefusePayment("The card was declined.", Quarter, Morning);
        Assert.Throws<InvalidOperationException>(() => order.PayAgain(Morning + Quarter));
        order.PayAgain(Morning);
        Assert.Throws<InvalidOperationException>(() => order.PayAgain(Morning));

        order.RefusePayment("The card was declined.", Quarter, Morning + Quarter);
        Assert.Equal(OrderStatus.Cancelled, order.Status);
        Assert.Throws<InvalidOperationException>(() => order.PayAgain(Morning));
    }

    [Fact]
    public void An_order_that_was_cancelled_meanwhile_learns_of_the_refusal_and_stays_off()
    {
        var order = Place([Line(0, 1999, 1)]);
        order.Cancel("Cancelled by the customer.", Morning);

        order.RefusePayment("The card was declined.", Quarter, Morning);

        Assert.Equal((OrderStatus.Cancelled, OrderPaymentStatus.Refused), (order.Status, order.PaymentStatus));
        Assert.Equal(("Cancelled by the customer.", 2), (order.CancelReason, order.History.Count));
        Assert.Null(order.PayUntil);
    }

    [Fact]
    public void Whoever_tries_card_after_card_is_stopped()
    {
        var order = Place([Line(0, 1999, 1)]);
        for (var attempt = 1; attempt < Order.MaxPaymentAttempts; attempt++)
        {
            order.RefusePayment("The card was declined.", Quarter, Morning);
            order.PayAgain(Morning);
        }

        order.RefusePayment("The card was declined.", Quarter, Morning);

        Assert.Equal(OrderStatus.Cancelled, order.Status);
    }

    [Fact]
    public void Only_an_order_under_way_can_be_cancelled_by_its_customer()
    {
        var order = Place([Line(0, 1999, 1)]);
        Assert.True(order.CanCancel);
        Assert.False(order.IsSettled);

        order.Confirm(Morning);

        Assert.False(order.CanCancel);
        Assert.True(order.IsSettled);
        Assert.Equal(OrderPaymentStatus.Paid, order.PaymentStatus);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100)]
    [InlineData(1_000_000_000)]
    public void A_line_with_an_absurd_quantity_is_no_order(int quantity) =>
        Assert.Throws<ArgumentException>(() => Place([Line(0, 1999, 1), Line(1, 1999, quantity)]));

    [Fact]
    public void Nothing_is_no_order() => Assert.Throws<ArgumentException>(() => Place([]));

    [Fact]
    public void More_lines_than_a_basket_takes_are_no_order() =>
        Assert.Throws<ArgumentException>(() => Place([.. Enumerable.Range(0, Basket.MaxLines + 1).Select(index => Line(index, 100, 1))]));

    [Fact]
    public void A_SKU_stands_on_one_line_only() => Assert.Throws<ArgumentException>(() => Place([Line(7, 100, 1), Line(7, 100, 2)]));

    private static Order Place(OrderLine[] lines) =>
        Order.Place(Guid.CreateVersion7(), "ada@example.com", Address, "card", Currency.Eur, lines, Morning);

    private static OrderLine Line(int number, long unitPriceMinor, int quantity) =>
        new(string.Create(CultureInfo.InvariantCulture, $"SKU-{number}"), "slug", "Name", "", "/images/placeholder.svg", unitPriceMinor,
            quantity);

    private static OrderStatus Target(Command command) => command switch
    {
        Command.Confirm => OrderStatus.Confirmed,
        Command.RefusePayment or Command.Cancel => OrderStatus.Cancelled,
        Command.Ship => OrderStatus.Shipped,
        Command.Deliver => OrderStatus.Delivered,
        _ => OrderStatus.Refunded,
    };

    private static void Do(Order order, Command command, DateTimeOffset now)
    {
        switch (command)
        {
            case Command.Confirm:
                order.Confirm(now);
                break;
            case Command.RefusePayment:
                order.RefusePayment("The card was declined.", TimeSpan.Zero, now);
                break;
            case Command.Cancel:
                order.Cancel("Cancelled by the customer.", now);
                break;
            case Command.Ship:
                order.Ship(now);
                break;
            case Command.Deliver:
                order.Deliver(now);
                break;
            default:
                order.Refund("The payment was refunded.", now);
                break;
        }
    }

    private static void Try(Order order, Command command)
    {
        try
        {
            Do(order, command, Morning);
        }
        catch (IllegalOrderTransitionException)
        {
            // Whether it is refused rightly is another test's; here only where the order stands afterwards counts.
        }
    }

    private static OrderSnapshot Snapshot(Order order) =>
        new(order.Status, order.PaymentStatus, order.CancelReason, order.Total, order.History.Count, order.PlacedAt);

    private sealed record OrderSnapshot(
        OrderStatus Status, OrderPaymentStatus PaymentStatus, string? CancelReason, Money Total, int Transitions, DateTimeOffset PlacedAt);
}
