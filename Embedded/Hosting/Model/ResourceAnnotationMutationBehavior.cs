namespace Embedded.Hosting;

public enum ResourceAnnotationMutationBehavior
{
    Append = 0,
    Replace = 1,
}
