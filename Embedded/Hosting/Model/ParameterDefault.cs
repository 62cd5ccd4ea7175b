namespace Embedded.Hosting;

/// <summary>Where a parameter's value comes from when the configuration doesn't give one.</summary>
public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}
