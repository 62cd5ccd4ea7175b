using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Benchmarks.Chaos;

/// <summary>One customer's order, and all that its customer saw of it.</summary>
/// <param name="hasSecondCard">Whether its customer tries another card, a good one, when the first is refused.</param>
internal sealed class ChaosOrder(string email, string sku, string card, bool hasSecondCard = false)
{
    /// <summary>The same however often the order is sent.</summary>
    public Guid Key { get; } = Guid.NewGuid();

    public string Email => email;

    public string Card => card;

    /// <summary>The same however often the order is sent.</summary>
    public byte[] Body { get; } = JsonSerializer.SerializeToUtf8Bytes(
        new PlaceOrder(
            null,
            [new PlaceOrderItem(sku, 1)],
            email,
            new ShippingAddress("Ada Byron", "Main Street 1", null, "Bergen", "5003", "NO"),
            new PaymentChoice("card", card)),
        ShopJson.Default.PlaceOrder);

    /// <summary>The order's id, once it was answered 202.</summary>
    public Guid? AcceptedAs { get; private set; }

    /// <summary>By which its customer sees it.</summary>
    public string? Token { get; private set; }

    /// <summary>The second card was taken by an answer of 202.</summary>
    public bool IsPaidAgain { get; private set; }

    /// <summary>The second card was sent, and there was no answer: it may have been taken.</summary>
    public bool MayBePaidAgain { get; set; }

    /// <summary>What the last answer led to; null when it was a refusal or there was none.</summary>
    public Guid? LastAnswer { get; private set; }

    /// <summary>Its stock wasn't there.</summary>
    public bool WasRefused { get; private set; }

    /// <summary>Broken connections, time-outs and answers of 5xx.</summary>
    public int Troubles { get; private set; }

    /// <summary>What no customer should ever see.</summary>
    public List<string> Surprises { get; } = [];

    public bool CardIsGood => card != "tok_declined" || IsPaidAgain;

    /// <summary>No card that would pay was sent.</summary>
    public bool IsUnpaid => !CardIsGood && !MayBePaidAgain;

    public bool WantsToPayAgain => hasSecondCard && AcceptedAs is not null && !CardIsGood;

    public void PaidAgain() => IsPaidAgain = true;

    public void Accepted(Guid id, string token)
    {
        Token = token;
        LastAnswer = id;
        if (AcceptedAs is { } before && before != id)
            Surprises.Add($"key {Key} was answered with order {before}, and then with order {id}");
        AcceptedAs ??= id;
    }

    public void Refused() => (LastAnswer, WasRefused) = (null, true);

    public void Troubled() => (LastAnswer, Troubles) = (null, Troubles + 1);
}
