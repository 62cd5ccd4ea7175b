using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>A section of the configuration as options that hold what their attributes say, or the process doesn't start.</summary>
public static class Settings
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a section. What its attributes (or those of its own sections) refuse is said at the start by the
    /// key as whoever configures the shop knows it: <c>Sweepers:BatchSize must be between 1 and 10000.</c>
    /// </summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        // Once, however many modules need these options.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>>(new Attributes<T>(section)));
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
        return services;
    }

    private static IEnumerable<string> Faults(object options, string section)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (key, value) = ($"{section}:{property.Name}", property.GetValue(options));
            var context = new ValidationContext(options) { MemberName = property.Name, DisplayName = key };
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                if (rule.GetValidationResult(value, context) is { } fault)
                    yield return rule is RangeAttribute { ErrorMessage: null } range
                        ? $"{key} must be between {range.Minimum} and {range.Maximum}."
                        : fault.ErrorMessage!;
            }

            if (value is not null && property.PropertyType.Assembly == options.GetType().Assembly && property.PropertyType.IsClass)
            {
                foreach (var fault in Faults(value, key))
                    yield return fault;
            }
        }

        foreach (var fault in (options as IValidatableObject)?.Validate(new ValidationContext(options)) ?? [])
            yield return fault.ErrorMessage!;
    }

    private sealed class Attributes<T>(string section) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            Faults(options, section).ToArray() is { Length: > 0 } faults
                ? ValidateOptionsResult.Fail(faults)
                : ValidateOptionsResult.Success;
    }
}
