using System.Reflection;

namespace Shop.Tests.Architecture;

/// <summary>Each test says what it needs, so that the quick ones can be run alone: <c>dotnet test --filter Category=Unit</c>.</summary>
[Trait("Category", "Architecture")]
public sealed class TierTests
{
    private static readonly Type[] TestClasses = [.. typeof(TierTests).Assembly.GetTypes().Where(type => type.GetMethods().Any(IsTest))];

    [Fact]
    public void Each_test_belongs_to_one_tier()
    {
        Assert.True(TestClasses.Length > 80);
        Assert.Equal(["Architecture", "Browser", "Distributed", "Servers", "Unit"], TestClasses.SelectMany(TiersOf).Distinct().Order());
        Assert.Empty(TestClasses.Where(type => TiersOf(type).Count() != 1).Select(type => type.FullName));
    }

    [Fact]
    public void A_test_of_a_tier_has_what_the_tier_has()
    {
        string[] Strangers(string tier, params Type[] fixtures) =>
            [.. TestClasses.Where(type => TiersOf(type).Contains(tier) && Needs(type).Intersect(fixtures).Any())
                .Select(type => type.FullName!)];

        Assert.Empty(Strangers(
            "Unit", typeof(RunningShop), typeof(Messaging.MessagingShop), typeof(RunningServers), typeof(Browser.Chromium)));
        Assert.Empty(Strangers("Servers", typeof(RunningShop), typeof(Messaging.MessagingShop), typeof(Browser.Chromium)));
        Assert.Empty(Strangers("Distributed", typeof(Browser.Chromium)));
    }

    /// <summary>What xUnit gives a class: by its constructor, and what that is made of.</summary>
    private static IEnumerable<Type> Needs(Type type)
    {
        foreach (var parameter in type.GetConstructors().SelectMany(constructor => constructor.GetParameters()))
        {
            yield return parameter.ParameterType;
            foreach (var needed in Needs(parameter.ParameterType))
                yield return needed;
        }
    }

    private static IEnumerable<string> TiersOf(Type type) =>
        type.GetCustomAttributes<TraitAttribute>().Where(trait => trait.Name == "Category").Select(trait => trait.Value);

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes<FactAttribute>().Any();
}
