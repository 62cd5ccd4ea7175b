namespace Embedded.Hosting;

public enum DistributedApplicationOperation
{
    Run = 0,
    Publish = 1,
}
