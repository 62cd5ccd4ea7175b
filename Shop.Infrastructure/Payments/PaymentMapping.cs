using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

internal sealed class PaymentMapping : IEntityTypeConfiguration<Payment>
{
    public void Configure(EntityTypeBuilder<Payment> builder)
    {
        builder.ToTable("payments", "payments");
        builder.HasKey(payment => payment.Id);
        builder.Property(payment => payment.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(payment => payment.OrderId).HasColumnName("order_id");
        builder.ComplexProperty(payment => payment.Amount, amount => amount.IsMoney("amount_minor"));
        builder.Property(payment => payment.Status).HasColumnName("status").HasConversion<string>();
        builder.Property(payment => payment.ProviderReference).HasColumnName("provider_reference");
        builder.Property(payment => payment.Reason).HasColumnName("reason");
        builder.Property(payment => payment.UpdatedAt).HasColumnName("updated_at");
        builder.Property<uint>("xmin").HasColumnName("xmin").IsRowVersion();
    }
}
