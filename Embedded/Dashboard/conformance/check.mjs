// Sends traces, logs and metrics with OpenTelemetry's JavaScript SDK, over gRPC and over HTTP, to a running dashboard, asks
// the dashboard's pages for them, and compares. Usage, beside a running shop:
//   npm install && npm run check -- DASHBOARD_URL BROWSER_TOKEN API_KEY
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as HttpLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as HttpMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { Resource } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const [dashboard, token, apiKey] = process.argv.slice(2);
if (!apiKey) {
  console.error('Usage: npm run check -- DASHBOARD_URL BROWSER_TOKEN API_KEY');
  console.error('Give the shop known ones: dotnet run --project Shop.AppHost -- --AppHost:BrowserToken=… --AppHost:OtlpApiKey=…');
  process.exit(2);
}

// The receiver's ports follow that of the pages.
const port = Number(new URL(dashboard).port);
const [grpcUrl, httpUrl] = [`http://127.0.0.1:${port + 1}`, `http://127.0.0.1:${port + 2}`];
const headers = { 'x-otlp-api-key': apiKey };
const login = await fetch(`${dashboard}/login?t=${token}`, { redirect: 'manual' });
assert.equal(login.headers.get('location'), '/', 'the token is not the dashboard\'s');
const cookie = login.headers.get('set-cookie').split(';')[0];

const metadata = new Metadata();
metadata.set('x-otlp-api-key', apiKey);
const protocols = {
  grpc: compression => [GrpcTraces, GrpcLogs, GrpcMetrics].map((Exporter, index) =>
    new Exporter({ url: grpcUrl, metadata, compression, ...(index === 2 ? { temporalityPreference: AggregationTemporality.DELTA } : {}) })),
  http: compression => [[HttpTraces, 'traces'], [HttpLogs, 'logs'], [HttpMetrics, 'metrics']].map(([Exporter, path]) =>
    new Exporter({ url: `${httpUrl}/v1/${path}`, headers, compression })),
};

for (const protocol of Object.keys(protocols)) {
  for (const compression of ['none', 'gzip']) {
    await check(`${protocol}, ${compression}`, protocols[protocol](compression));
    console.log(`ok   ${protocol}, ${compression}: trace, logs and metrics are shown as they were sent`);
  }
}

async function check(name, [traces, logs, metrics]) {
  const service = `js-${randomUUID().slice(0, 8)}`;
  const resource = new Resource({ 'service.name': service, 'service.instance.id': `${service}-1` });
  const orderId = randomUUID();

  const tracers = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(traces)] });
  const tracer = tracers.getTracer('checkout', '1.0.0');
  const linked = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const root = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER, attributes: { 'shop.order.id': orderId, pieces: 3, gift: true, rate: 0.25, skus: ['A', 'B'] } });
  const child = tracer.startSpan('charge – ü€', { kind: SpanKind.CLIENT, links: [{ context: linked, attributes: { why: 'batch' } }] }, trace.setSpan(context.active(), root));
  child.addEvent('retry', { attempt: 2 });
  child.recordException(new Error('card declined'));
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
  child.end();
  root.end();

  const loggers = new LoggerProvider({ resource });
  loggers.addLogRecordProcessor(new SimpleLogRecordProcessor(logs));
  loggers.getLogger('Checkout').emit({
    severityNumber: SeverityNumber.WARN, severityText: 'WARN', body: `order ${orderId} is late`, attributes: { minutes: 7 }, context: trace.setSpan(context.active(), child),
  });

  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ resource, readers: [reader] });
  const meter = meters.getMeter('checkout');
  const counter = meter.createCounter('orders', { unit: '{order}', description: 'Orders.' });
  const histogram = meter.createHistogram('duration', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 0.2, 0.4] } });
  const gauge = meter.createGauge('age', { unit: 's' });
  for (let round = 0; round < 3; round++) {
    counter.add(10, { way: 'card' });
    for (let count = 0; count < 50; count++) histogram.record(0.15);
    gauge.record(4.5);
    await reader.forceFlush();
    await delay(100);
  }

  await Promise.all([tracers.forceFlush(), loggers.forceFlush()]);
  await Promise.all([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]);

  const list = await ask(`/api/traces?text=${orderId}`);
  assert.equal(list.items.length, 1, `${name}: the trace is found by its order's id`);
  assert.deepEqual([list.items[0].name, list.items[0].spanCount, list.items[0].errorCount], ['POST /orders', 2, 1]);
  const shown = await ask(`/api/traces/${list.items[0].traceId}`);
  const [order, charge] = ['POST /orders', 'charge – ü€'].map(span => shown.spans.find(candidate => candidate.name === span));
  assert.equal(list.items[0].traceId, root.spanContext().traceId);
  assert.deepEqual([order.spanId, order.parentId, order.kind, order.resource, order.replica, order.scope], [root.spanContext().spanId, null, 'Server', service, `${service}-1`, 'checkout']);
  assert.deepEqual(Object.fromEntries(order.attributes), { 'shop.order.id': orderId, pieces: '3', gift: 'true', rate: '0.25', skus: '[A, B]' });
  assert.deepEqual([charge.parentId, charge.kind, charge.status, charge.statusMessage], [order.spanId, 'Client', 'Error', 'declined']);
  assert.deepEqual(charge.events.map(event => event.name), ['retry', 'exception']);
  assert.equal(Object.fromEntries(charge.events[1].attributes)['exception.message'], 'card declined');
  assert.deepEqual([charge.links[0].traceId, Object.fromEntries(charge.links[0].attributes)], [linked.traceId, { why: 'batch' }]);
  assert.ok(charge.durationMs >= 0 && order.durationMs >= charge.durationMs);

  assert.equal(shown.logs.length, 1, `${name}: the log record belongs to its trace`);
  assert.deepEqual([shown.logs[0].message, shown.logs[0].level, shown.logs[0].category, shown.logs[0].spanId], [`order ${orderId} is late`, 'Warning', 'Checkout', charge.spanId]);
  assert.equal(Object.fromEntries(shown.logs[0].attributes).minutes, '7');

  const series = async instrument => (await ask(`/api/metrics/series?resource=${service}&meter=checkout&instrument=${instrument}`));
  const orders = await series('orders');
  assert.deepEqual([orders.kind, orders.unit, orders.description, Object.fromEntries(orders.series[0].attributes)], ['counter', '{order}', 'Orders.', { way: 'card' }]);
  assert.ok(orders.series[0].points.length >= 2 && orders.series[0].points.slice(0, 2).every(point => point.v > 0));
  const duration = await series('duration');
  assert.ok(duration.series[0].points.slice(0, 2).every(point => Math.abs(point.p50 - 0.15) < 1e-9), `${name}: p50 of the histogram`);
  assert.ok((await series('age')).series[0].points.every(point => point.v === 4.5));
}

async function ask(path) {
  const answer = await fetch(dashboard + path, { headers: { cookie } });
  assert.ok(answer.ok, `${path} answers ${answer.status}`);
  return answer.json();
}
