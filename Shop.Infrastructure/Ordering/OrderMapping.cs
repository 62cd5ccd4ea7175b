using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Shop.Domain;
using Shop.Domain.Ordering;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// The order as far as its transitions need it. Its lines are written by <see cref="OrderIntake"/>
/// and read by <see cref="OrderQueries"/>; they never change.
/// </summary>
internal sealed class OrderMapping : IEntityTypeConfiguration<Order>
{
    public void Configure(EntityTypeBuilder<Order> builder)
    {
        builder.ToTable("orders", "ordering");
        builder.HasKey(order => order.Id);
        builder.Property(order => order.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(order => order.Number).HasColumnName("number");
        builder.Property(order => order.Status).HasColumnName("status").HasConversion<string>();
        builder.Property(order => order.PaymentStatus).HasColumnName("payment_status").HasConversion<string>();
        builder.Property(order => order.CancelReason).HasColumnName("cancel_reason");
        builder.Property(order => order.Email).HasColumnName("email");
        builder.Property(order => order.PaymentMethod).HasColumnName("payment_method");
        builder.Property(order => order.PlacedAt).HasColumnName("placed_at");
        builder.ComplexProperty(order => order.Total, total => total.IsMoney("total_minor"));
        builder.ComplexProperty(order => order.ShippingAddress, address =>
        {
            address.Property(part => part.Name).HasColumnName("ship_name");
            address.Property(part => part.Line1).HasColumnName("ship_line1");
            address.Property(part => part.Line2).HasColumnName("ship_line2");
            address.Property(part => part.City).HasColumnName("ship_city");
            address.Property(part => part.PostalCode).HasColumnName("ship_postal");
            address.Property(part => part.Country).HasColumnName("ship_country");
        });
        builder.Ignore(order => order.Lines);
        builder.OwnsMany(order => order.History, history =>
        {
            history.ToTable("history", "ordering");
            history.WithOwner().HasForeignKey("order_id");
            history.Property<long>("id").ValueGeneratedOnAdd();
            history.HasKey("id");
            history.Property(entry => entry.Status).HasColumnName("status").HasConversion<string>();
            history.Property(entry => entry.At).HasColumnName("at");
            history.Property(entry => entry.Cause).HasColumnName("cause");
        });
        builder.Navigation(order => order.History).UsePropertyAccessMode(PropertyAccessMode.Field);
        // Two that change the same order at once: the second sees that, and its message is handled again.
        builder.Property<uint>("xmin").HasColumnName("xmin").IsRowVersion();
    }
}
