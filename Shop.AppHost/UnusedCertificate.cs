#pragma warning disable ASPIRECERTIFICATES001 // There is no other way to tell Aspire that its certificates aren't needed.
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Shop.AppHost;

/// <summary>
/// The shop speaks plain HTTP on the loopback interface. Aspire warns over every page of its dashboard where it finds no trusted developer
/// certificate, wanted or not: it finds one here, that nobody can use, since its key is thrown away.
/// </summary>
internal sealed class UnusedCertificate : IDeveloperCertificateService
{
    public ImmutableList<X509Certificate2> Certificates { get; } = [Create()];

    public bool SupportsContainerTrust => false;

    public bool UseForHttps => false;

    public bool TrustCertificate => false;

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=unused", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddYears(1));
        return X509CertificateLoader.LoadCertificate(certificate.Export(X509ContentType.Cert));
    }
}
