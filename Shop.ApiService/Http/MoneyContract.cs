namespace Shop.ApiService.Http;

internal static class MoneyContract
{
    public static Contracts.Money ToContract(this Domain.Money money) => new(money.MinorUnits, money.Currency.Code);
}
