namespace Embedded.Hosting;

/// <summary>A failure the user can do something about: the message says what happened and what to do.</summary>
public sealed class EmbeddedHostingException(string message, Exception? inner = null) : Exception(message, inner);
