using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// Asks the payment provider: with a time limit for each answer, again when the outcome is unknown and the budget for
/// that allows it, and not at all while the provider keeps failing. The provider takes the same key for the same charge,
/// so asking again never charges twice. One a process: all share its circuit and its budget.
/// </summary>
public sealed class PaymentGateway
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>What is looked at to tell whether the provider fails, and how many retries are allowed.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>When this share of what was asked in the window failed, the provider is left alone.</summary>
    private const double FailureRatio = 0.5;

    /// <summary>Fewer questions than this in the window say nothing about the provider.</summary>
    private const int MinimumThroughput = 20;

    /// <summary>How many retries the budget allows in the window however little is going on.</summary>
    private const int FreeRetries = 10;

    private readonly IPaymentProvider _provider;
    private readonly PaymentOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PaymentGateway> _logger;
    private readonly RetryBudget _budget;
    private readonly ResiliencePipeline _pipeline;

    public PaymentGateway(IPaymentProvider provider, IOptions<PaymentOptions> options, TimeProvider time, ILogger<PaymentGateway> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_provider, _options, _time, _logger) = (provider, options.Value, time, logger);
        _budget = new RetryBudget(_options.RetryPercent, FreeRetries, Window, time);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = MinimumThroughput,
                SamplingDuration = Window,
                BreakDuration = _options.BreakDuration,
                ShouldHandle = new PredicateBuilder().Handle<PaymentProviderException>().Handle<TimeoutRejectedException>(),
                OnOpened = opened =>
                {
                    _logger.ProviderLeftAlone(opened.BreakDuration);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    _logger.ProviderWorksAgain();
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(_options.Timeout)
            .Build();
    }

    /// <summary>Takes the money for an order, or holds it, as the shop is configured.</summary>
    /// <exception cref="PaymentProviderException">All attempts failed, or the provider is left alone; the outcome is unknown.</exception>
    public Task<ChargeResult> ChargeAsync(Payment payment, string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payment);
        // Beyond this age the provider would take the same key for a new charge.
        if (_time.GetUtcNow() - payment.StartedAt >= _provider.KeyLifetime)
            return FindLateAsync(payment, cancellationToken);
        var request = new ChargeRequest(payment.Key.ToString(), payment.Amount, token, _options.Capture is PaymentCapture.Immediate);
        return AskAsync(
            payment, PaymentsTelemetry.Charge, attempt => _provider.ChargeAsync(request, attempt), PaymentsTelemetry.OutcomeOf,
            cancellationToken);
    }

    /// <summary>Takes the money that was held.</summary>
    /// <inheritdoc cref="IPaymentProvider.CaptureAsync"/>
    public Task<ChargeResult> CaptureAsync(Payment payment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payment);
        return AskAsync(
            payment, PaymentsTelemetry.Capture,
            attempt => _provider.CaptureAsync($"capture-{payment.Key}", payment.ProviderReference!, attempt),
            PaymentsTelemetry.OutcomeOf, cancellationToken);
    }

    /// <summary>Gives the money back, or lets go of what was held.</summary>
    /// <inheritdoc cref="ChargeAsync"/>
    public Task RefundAsync(Payment payment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payment);
        return AskAsync(payment, PaymentsTelemetry.Refund, async attempt =>
        {
            await _provider.RefundAsync(RefundKey(payment.Key), payment.ProviderReference!, attempt);
            return true;
        }, _ => PaymentsTelemetry.Succeeded, cancellationToken);
    }

    /// <inheritdoc cref="IPaymentProvider.FindAsync"/>
    public Task<ChargeResult?> FindAsync(Payment payment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payment);
        return AskAsync(
            payment, PaymentsTelemetry.Find, attempt => _provider.FindAsync(payment.Key.ToString(), payment.ProviderReference, attempt),
            PaymentsTelemetry.OutcomeOf, cancellationToken);
    }

    /// <summary>The provider's key of a refund: one per payment, as only whole payments are given back.</summary>
    internal static string RefundKey(PaymentKey key) => $"refund-{key}";

    private async Task<ChargeResult> FindLateAsync(Payment payment, CancellationToken cancellationToken) =>
        await FindAsync(payment, cancellationToken) ?? ChargeResult.NeverMade;

    private async Task<TResult> AskAsync<TResult>(
        Payment payment, string operation, Func<CancellationToken, Task<TResult>> ask, Func<TResult, string> outcomeOf,
        CancellationToken cancellationToken)
    {
        _budget.CountAttempt();
        for (var attempt = 1; ; attempt++)
        {
            PaymentProviderException failure;
            try
            {
                return await AskOnceAsync(payment, operation, ask, outcomeOf, cancellationToken);
            }
            catch (BrokenCircuitException open)
            {
                var pause = (open.RetryAfter ?? _options.BreakDuration).TotalSeconds;
                throw new PaymentProviderException(
                    $"The payment provider keeps failing and is left alone for {pause:0.#} s.", open)
                { IsTransient = false };
            }
            catch (TimeoutRejectedException late)
            {
                failure = new PaymentProviderException(
                    $"The payment provider didn't answer within {_options.Timeout.TotalSeconds:0.#} s.", late);
            }
            catch (PaymentProviderException failed)
            {
                failure = failed;
            }

            if (!failure.IsTransient || attempt >= _options.Attempts)
                throw failure;
            if (!_budget.TryTakeRetry())
                throw new PaymentProviderException(
                    $"{failure.Message} Too much was asked twice lately to ask again now.", failure)
                { IsTransient = false };
            _logger.ProviderAskedAgain(payment.OrderId, failure.Message);
            await Task.Delay(Pause(attempt), _time, cancellationToken);
        }
    }

    /// <summary>Asks, traces it and counts what came of it.</summary>
    private async Task<TResult> AskOnceAsync<TResult>(
        Payment payment, string operation, Func<CancellationToken, Task<TResult>> ask, Func<TResult, string> outcomeOf,
        CancellationToken cancellationToken)
    {
        using var span = PaymentsTelemetry.Start(operation, _provider.Name, payment.OrderId);
        var start = _time.GetTimestamp();
        string? outcome = PaymentsTelemetry.Failed;
        try
        {
            var answer = await _pipeline.ExecuteAsync(static async (ask, token) => await ask(token), ask, cancellationToken);
            outcome = outcomeOf(answer);
            return answer;
        }
        catch (BrokenCircuitException)
        {
            outcome = PaymentsTelemetry.CircuitOpen;
            span?.SetStatus(ActivityStatusCode.Error, "The provider is left alone.");
            throw;
        }
        catch (TimeoutRejectedException)
        {
            outcome = PaymentsTelemetry.Unknown;
            span?.SetStatus(ActivityStatusCode.Error, "No answer in time.");
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever asked stops: that says nothing about the provider.
            outcome = null;
            throw;
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        finally
        {
            span?.SetTag(PaymentsTelemetry.OutcomeTag, outcome);
            if (outcome is not null)
                PaymentsTelemetry.Count(operation, outcome, outcome is PaymentsTelemetry.CircuitOpen ? null : _time.GetElapsedTime(start));
        }
    }

    /// <summary>
    /// Twice as long after each attempt, shortened by up to half at random, so that those who failed together don't come again together.
    /// </summary>
    private static TimeSpan Pause(int attempt) => FirstPause * (1 << (attempt - 1)) * (1 - (Random.Shared.NextDouble() / 2));
}
