// Line charts over time, as SVG.
import { h, number, time } from '/dom.js';

const [width, height, left, bottom, top, right] = [860, 260, 62, 26, 12, 12];

/** lines: [{ name, colour, points: [[milliseconds, value|null]] }]; a null is a gap. */
export function lineChart(lines, { unit, from, to }) {
  const values = lines.flatMap(line => line.points.map(([, value]) => value)).filter(value => value !== null);
  const highest = niceCeiling(Math.max(0, ...values));
  const lowest = Math.min(0, ...values);
  const x = at => left + ((at - from) / (to - from)) * (width - left - right);
  const y = value => top + (1 - (value - lowest) / (highest - lowest)) * (height - top - bottom);
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const hover = h('g', { class: 'hover' });
  const chart = h('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${lines.length} lines over the last minutes, in ${unit || 'numbers'}` },
    steps.map(step => [
      h('line', { class: 'grid', x1: left, x2: width - right, y1: y(lowest + (highest - lowest) * step), y2: y(lowest + (highest - lowest) * step) }),
      h('text', { class: 'tick', x: left - 8, y: y(lowest + (highest - lowest) * step) + 4, 'text-anchor': 'end' }, number(lowest + (highest - lowest) * step)),
    ]),
    [0, 0.5, 1].map(step => h('text', { class: 'tick', x: x(from + (to - from) * step), y: height - 6, 'text-anchor': step === 0 ? 'start' : step === 1 ? 'end' : 'middle' }, time(from + (to - from) * step).slice(0, 8))),
    lines.map(line => segments(line.points).map(points => h('polyline', { class: 'series', style: { stroke: line.colour }, points: points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ') }))),
    hover);
  chart.addEventListener('pointermove', event => {
    const box = chart.getBoundingClientRect();
    const at = from + (((event.clientX - box.left) / box.width * width - left) / (width - left - right)) * (to - from);
    const near = lines.map(line => ({ line, point: line.points.reduce((best, point) => (point[1] !== null && (!best || Math.abs(point[0] - at) < Math.abs(best[0] - at)) ? point : best), null) })).filter(one => one.point);
    if (near.length === 0) return;
    const here = near[0].point[0];
    hover.replaceChildren(
      h('line', { class: 'cursor', x1: x(here), x2: x(here), y1: top, y2: height - bottom }),
      ...near.map(({ line, point }) => h('circle', { cx: x(point[0]), cy: y(point[1]), r: 3.5, style: { fill: line.colour } })),
      ...near.slice(0, 8).map(({ line, point }, index) => h('text', { class: 'value', x: x(here) > width / 2 ? x(here) - 8 : x(here) + 8, y: top + 14 + index * 16, 'text-anchor': x(here) > width / 2 ? 'end' : 'start' }, `${line.name}: ${number(point[1])} ${unit}`)));
  });
  chart.addEventListener('pointerleave', () => hover.replaceChildren());
  return chart;
}

function segments(points) {
  const found = [[]];
  for (const point of points) {
    if (point[1] === null) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter(segment => segment.length > 0).map(segment => (segment.length === 1 ? [segment[0], [segment[0][0] + 1, segment[0][1]]] : segment));
}

function niceCeiling(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map(step => step * power).find(step => step >= value);
}
