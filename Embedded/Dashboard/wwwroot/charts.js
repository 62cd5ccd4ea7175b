// Charts as SVG: lines over time, and traces as dots over time.
import { h, render, measure, ms, timeShort } from '/dom.js';
import { link } from '/frame.js';

const [left, bottom, top, right] = [68, 26, 12, 14];
const mostListed = 12;

/**
 * A chart of lines that is kept and shown new lines again and again; the pointer, or the arrow keys, ask for the values of a moment.
 * `show(lines, { unit, from, to, tall, label })`, with lines as [{ name, colour, dash, points: [[milliseconds, value or null]] }]; a null is a gap.
 */
export function lineChart(key) {
  const drawing = h('div', { class: 'chart-area' });
  const reading = h('div', { class: 'reading', hidden: true });
  const element = h('div', { class: 'chart', 'data-key': key, tabindex: '0', role: 'group' }, drawing, reading);
  let [lines, options, at] = [[], null, null];

  const width = () => Math.max(280, element.clientWidth || 860);
  const scale = () => {
    const { from, to, tall = 260 } = options;
    const values = lines.flatMap(line => line.points.map(([, value]) => value)).filter(value => value !== null);
    const [lowest, highest, steps] = axis(Math.min(0, ...values), Math.max(0, ...values), options.unit);
    return {
      tall, lowest, highest, steps,
      x: moment => left + ((moment - from) / (to - from)) * (width() - left - right),
      y: value => top + (1 - (value - lowest) / (highest - lowest)) * (tall - top - bottom),
    };
  };

  element.onpointermove = event => {
    if (!options) return;
    const box = element.getBoundingClientRect();
    at = options.from + ((event.clientX - box.left - left) / (width() - left - right)) * (options.to - options.from);
    draw();
  };
  element.onpointerleave = () => { at = null; draw(); };
  element.onblur = element.onpointerleave;
  element.onkeydown = event => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !options) return;
    event.preventDefault();
    const moments = [...new Set(lines.flatMap(line => line.points.filter(point => point[1] !== null).map(point => point[0])))].sort((a, b) => a - b);
    at = (by > 0 ? moments.find(moment => moment > (at ?? 0)) : moments.findLast(moment => moment < (at ?? Infinity))) ?? at;
    draw();
  };
  // Numbers stay as large as they are, however wide the window is.
  new ResizeObserver(() => { if (options) draw(); }).observe(element);

  function draw() {
    const { tall, steps, x, y } = scale();
    const { from, to, unit } = options;
    const near = at === null ? [] : lines.map(line => ({ line, point: nearest(line.points, at) })).filter(one => one.point);
    const here = near.length > 0 ? near.reduce((best, one) => (Math.abs(one.point[0] - at) < Math.abs(best - at) ? one.point[0] : best), near[0].point[0]) : null;
    const moments = width() < 480 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
    render(drawing, h('svg', { viewBox: `0 0 ${width()} ${tall}`, width: width(), height: tall, role: 'img', 'aria-label': `${options.label ?? ''}: ${lines.length} ${lines.length === 1 ? 'line' : 'lines'} from ${timeShort(from)} to ${timeShort(to)}. The table below has the values.` },
      steps.map(step => [
        h('line', { class: step === 0 ? 'grid zero' : 'grid', x1: left, x2: width() - right, y1: y(step), y2: y(step) }),
        h('text', { class: 'tick', x: left - 8, y: y(step) + 4, 'text-anchor': 'end' }, short(measure(step, unit))),
      ]),
      moments.map(share => h('text', { class: 'tick', x: x(from + (to - from) * share), y: tall - 7, 'text-anchor': share === 0 ? 'start' : share === 1 ? 'end' : 'middle' }, timeShort(from + (to - from) * share))),
      lines.length === 1 && segments(lines[0].points).map(points => h('polygon', { class: 'under', style: { fill: lines[0].colour }, points: [[points[0][0], 0], ...points, [points.at(-1)[0], 0]].map(([moment, value]) => `${x(moment).toFixed(1)},${y(value).toFixed(1)}`).join(' ') })),
      lines.map(line => segments(line.points).map(points => h('polyline', { class: 'series', style: { stroke: line.colour, 'stroke-dasharray': line.dash ?? 'none' }, points: points.map(([moment, value]) => `${x(moment).toFixed(1)},${y(value).toFixed(1)}`).join(' ') }))),
      here !== null && [h('line', { class: 'cursor', x1: x(here), x2: x(here), y1: top, y2: tall - bottom }), near.map(({ line, point }) => h('circle', { class: 'spot', cx: x(point[0]), cy: y(point[1]), r: 3.5, style: { fill: line.colour } }))]));
    reading.hidden = here === null;
    if (here === null) return;
    const listed = near.toSorted((a, b) => b.point[1] - a.point[1]);
    render(reading, h('p', { class: 'num' }, timeShort(here)), h('ul', {}, listed.slice(0, mostListed).map(({ line, point }) => h('li', {}, h('span', { class: 'dot', style: { background: line.colour } }), h('span', { class: 'of' }, line.name), h('b', { class: 'num' }, measure(point[1], unit))))),
      listed.length > mostListed && h('p', {}, `and ${listed.length - mostListed} more`));
    const isRight = x(here) > width() / 2;
    reading.style.left = isRight ? 'auto' : `${x(here) + 12}px`;
    reading.style.right = isRight ? `${width() - x(here) + 12}px` : 'auto';
  }

  return {
    element,
    show(newLines, newOptions) {
      [lines, options] = [newLines, newOptions];
      element.setAttribute('aria-label', `${options.label ?? 'Chart'}, left and right arrows read the values`);
      draw();
    },
  };
}

function nearest(points, at) {
  return points.reduce((best, point) => (point[1] !== null && (!best || Math.abs(point[0] - at) < Math.abs(best[0] - at)) ? point : best), null);
}

// A point alone is still seen: as a dash.
function segments(points) {
  const found = [[]];
  for (const point of points) {
    if (point[1] === null) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter(segment => segment.length > 0).map(segment => (segment.length === 1 ? [segment[0], [segment[0][0] + 1000, segment[0][1]]] : segment));
}

/** Without the zeros that make measured values look measured. */
const short = text => text.replace(/\.0+(?= )/, '');

const wantedSteps = 4;
const kibi = 1024;

/** Where an axis begins and ends, and its round steps. */
function axis(lowest, highest, unit) {
  if (highest === lowest) return [0, 1, [0, 0.5, 1]];
  const base = unit?.startsWith('By') ? kibi ** Math.max(0, Math.floor(Math.log((highest - lowest) / wantedSteps) / Math.log(kibi))) : 1;
  const rough = (highest - lowest) / wantedSteps / base;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find(one => one * power >= rough) ?? 10) * power * base;
  const [from, to] = [Math.floor(lowest / step), Math.ceil(highest / step)];
  return [from * step, to * step, Array.from({ length: to - from + 1 }, (_, index) => (from + index) * step)];
}

/** Traces as dots: when, and how long; on a logarithmic scale, for some take a thousand times as long as others. */
export function scatter(traces) {
  const [width, height, edge] = [1000, 92, 4];
  const moments = traces.map(trace => Date.parse(trace.startedAt));
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const durations = traces.map(trace => Math.max(trace.durationMs, 0.1));
  const [low, high] = [Math.log10(Math.min(...durations)), Math.log10(Math.max(...durations))];
  const x = moment => edge + ((moment - first) / (last - first || 1)) * (width - 2 * edge);
  const y = duration => height - edge - 3 - ((Math.log10(Math.max(duration, 0.1)) - low) / (high - low || 1)) * (height - 2 * edge - 6);
  const share = (value, whole) => `${((value / whole) * 100).toFixed(2)}%`;
  const powers = Array.from({ length: Math.max(0, Math.floor(high) - Math.ceil(low) + 1) }, (_, index) => 10 ** (Math.ceil(low) + index));
  return h('div', { class: 'scatter', 'aria-hidden': 'true' },
    powers.map(power => h('span', { class: 'level-line', style: { top: share(y(power), height) } }, h('span', {}, short(ms(power))))),
    traces.map(trace => h('span', {
      class: `spot ${trace.errorCount > 0 ? 'bad' : ''}`, title: `${trace.name}, ${ms(trace.durationMs)}`, 'data-key': trace.traceId, style: { left: share(x(Date.parse(trace.startedAt)), width), top: share(y(trace.durationMs), height) },
      onclick: () => { location.hash = link(`traces/${trace.traceId}`); },
    })),
    h('span', { class: 'from num' }, timeShort(first)), h('span', { class: 'to num' }, timeShort(last)));
}
