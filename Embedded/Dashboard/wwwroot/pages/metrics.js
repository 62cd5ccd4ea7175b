import { h, render, breakable, cell, empty, field, fill, icon, loading, measure, number, select, seriesColour, table } from '/dom.js';
import { ask, keep, link } from '/frame.js';
import { lineChart } from '/charts.js';

export const title = 'Metrics';

const mostLines = 10;
const parts = ['p50', 'p95', 'p99'];
const dashes = { p50: 'none', p95: '7 3', p99: '2 3' };
/** Filters stand in the address as by.<attribute>. */
const prefix = 'by.';
/** Replicas measure at different moments; to add them up, both are put into steps of this length. */
const stepsPerRange = 120;

export function mount(root, parameters, again) {
  const choice = { resource: '', meter: '', instrument: '', minutes: '5', part: '', group: '', ...parameters };
  const hidden = new Set();
  const chart = lineChart('values');
  const counts = lineChart('counts');
  let [all, series, needle] = [null, null, ''];
  const remember = () => keep('metrics', choice);
  const change = (key, value) => {
    choice[key] = value;
    remember();
    draw();
    again();
  };

  const resource = select([['', '…']], '', value => { choose(value, '', ''); }, { id: 'metrics-resource' });
  const minutes = select([['1', '1 minute'], ['5', '5 minutes'], ['10', '10 minutes']], choice.minutes, value => change('minutes', value), { id: 'metrics-minutes' });
  const search = h('input', { type: 'search', id: 'metrics-text', placeholder: 'Find instruments', 'aria-label': 'Find instruments', 'data-key': 'find', oninput: () => { needle = search.value.trim().toLowerCase(); draw(); } });
  const fields = h('div', { class: 'filters', 'data-key': 'filters' }, field('Resource', resource), field('Last', minutes));
  const dimensions = new Map();
  const group = select([], '', value => change('group', value), { id: 'metrics-group' });
  const groupField = field('Add up by', group);
  const part = select([['', 'All'], ...parts.map(one => [one, one])], choice.part, value => change('part', value), { id: 'metrics-part' });
  const partField = field('Percentile', part);

  return async () => {
    all = await ask('/api/metrics');
    if (all.length > 0) {
      settle();
      const wanted = JSON.stringify([choice.resource, choice.meter, choice.instrument]);
      const { resource: of, meter, instrument } = choice;
      const answer = await ask(`/api/metrics/series?${new URLSearchParams({ resource: of, meter, instrument, minutes: choice.minutes })}`);
      if (wanted !== JSON.stringify([choice.resource, choice.meter, choice.instrument])) return;
      series = answer;
    }
    draw();
  };

  function choose(newResource, meter, instrument) {
    for (const key of Object.keys(choice).filter(one => one.startsWith(prefix))) delete choice[key];
    Object.assign(choice, { resource: newResource, meter, instrument, group: '', part: '' });
    hidden.clear();
    dimensions.clear();
    series = null;
    if (all) settle();
    remember();
    draw();
    again();
  }

  /** What is chosen, or else what a first look should be at. */
  function settle() {
    const found = all.find(one => one.resource === choice.resource) ?? all.find(one => one.resource === 'apiservice') ?? all[0];
    const meter = found.meters.find(one => one.name === choice.meter) ?? found.meters.find(one => one.name.startsWith('Shop.')) ?? found.meters[0];
    Object.assign(choice, { resource: found.resource, meter: meter.name, instrument: (meter.instruments.find(one => one.name === choice.instrument) ?? meter.instruments[0]).name });
    fill(resource, all.map(one => [one.resource, one.resource]), found.resource);
  }

  function draw() {
    render(root, h('div', { class: 'page-head' }, h('h1', {}, 'Metrics'), fields),
      all === null ? loading() : all.length === 0 ? empty('No metrics yet', 'Services send them every few seconds once they run.')
        : h('div', { class: 'two' },
          h('nav', { class: 'instruments', 'aria-label': 'Instruments' }, search, meters(all.find(one => one.resource === choice.resource)?.meters ?? [])),
          h('section', { class: 'instrument', 'aria-label': 'Measurements', 'data-testid': 'instrument' }, series === null ? loading() : instrument())));
    if (series && root.querySelector('.chart')) showCharts();
  }

  function meters(list) {
    const found = list.map(meter => ({ ...meter, instruments: meter.instruments.filter(one => `${meter.name} ${one.name} ${one.description}`.toLowerCase().includes(needle)) })).filter(meter => meter.instruments.length > 0);
    return found.length === 0 ? h('p', { class: 'soft' }, 'Nothing fits.') : found.map(meter => h('details', { open: meter.name === choice.meter || needle !== '' || found.length < 4, 'data-key': `${needle === ''}-${meter.name}` },
      h('summary', {}, breakable(meter.name), h('span', { class: 'soft num' }, ` ${meter.instruments.length}`)),
      h('ul', {}, meter.instruments.map(one => {
        const isChosen = meter.name === choice.meter && one.name === choice.instrument;
        return h('li', {}, h('a', {
          href: link('metrics', { resource: choice.resource, meter: meter.name, instrument: one.name, minutes: choice.minutes }), 'aria-current': isChosen ? 'true' : null, 'data-testid': 'instrument-link', title: one.description || null,
          onclick: event => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); choose(choice.resource, meter.name, one.name); },
        }, breakable(one.name)));
      }))));
  }

  function unit() {
    // What is counted, such as {order}, is said once above; behind every number it would only be noise.
    const plain = (series.unit ?? '').replace(/^\{.*\}$|^1$/, '');
    return series.kind === 'counter' ? `${plain}/s` : plain;
  }

  function visible() {
    return series.series.filter(one => Object.entries(choice).every(([key, value]) => !key.startsWith(prefix) || value === '' || valueOf(one, key.slice(prefix.length)) === value));
  }

  function instrument() {
    const isHistogram = series.kind === 'histogram';
    const keys = keysOf(series);
    const lines = linesOf();
    const drawn = lines.slice(0, mostLines);
    fill(group, [['', 'Nothing'], ['*', 'Everything'], ...keys.map(key => [key, key])], choice.group);
    const filters = keys.map(key => dimension(key)).filter(Boolean);
    const hasPoints = lines.some(line => line.points.some(point => point[1] !== null));
    return [
      h('div', { class: 'instrument-head' }, h('h2', {}, breakable(series.name)), h('span', { class: 'tag' }, { counter: 'counter, as a rate', updown: 'up-down counter', gauge: 'gauge', histogram: 'histogram, as percentiles' }[series.kind] ?? series.kind), series.unit && h('span', { class: 'tag' }, `${series.unit.replace(/[{}]/g, '')}${series.kind === 'counter' ? ' per second' : ''}`)),
      h('p', { class: 'soft description' }, series.description || 'It has no description.'),
      h('div', { class: 'filters', 'data-key': `of-${series.name}` }, filters, isHistogram ? partField : series.series.length > 1 && groupField),
      hasPoints ? h('div', { class: 'panel', 'data-key': 'panel' }, chart.element,
        h('ul', { class: 'legend' }, drawn.map(line => h('li', {}, h('button', {
          type: 'button', class: 'plain', 'aria-pressed': String(!hidden.has(line.name)), title: hidden.has(line.name) ? 'Show' : 'Hide',
          onclick: () => { hidden[hidden.has(line.name) ? 'delete' : 'add'](line.name); draw(); },
        }, h('span', { class: `key ${line.dash && line.dash !== 'none' ? 'dashed' : ''}`, style: { '--own': line.colour } }), h('span', {}, line.name), h('b', { class: 'num' }, measure(lastOf(line), unit())))))),
        lines.length > mostLines && h('p', { class: 'soft small' }, icon('warning'), ` ${lines.length - mostLines} more lines are not drawn: choose values above${isHistogram ? '' : ', or add up'}.`))
        : empty('Nothing measured yet', series.kind === 'counter' || isHistogram ? 'Two exports make the first point. Or it is all filtered away.' : 'The first export makes the first point. Or it is all filtered away.'),
      isHistogram && hasPoints && h('div', { class: 'panel', 'data-key': 'counted' }, h('h3', {}, 'Measurements per second'), counts.element),
      hasPoints && h('details', { class: 'as-table', 'data-key': 'table', 'data-testid': 'metrics-table' }, h('summary', {}, 'As a table'), h('div', { class: 'scroll' }, isHistogram ? percentileTable() : valueTable(lines))),
    ];
  }

  function dimension(key) {
    const values = [...new Set(series.series.map(one => valueOf(one, key)))].sort();
    if (values.length < 2 && !choice[prefix + key]) return null;
    if (!dimensions.has(key)) {
      const chooser = select([], '', value => change(prefix + key, value), { id: `dimension-${key}` });
      dimensions.set(key, { chooser, wrapped: field(key, chooser) });
    }
    const { chooser, wrapped } = dimensions.get(key);
    fill(chooser, [['', 'All'], ...values.map(value => [value, value || '(none)'])], choice[prefix + key] ?? '');
    return wrapped;
  }

  function linesOf() {
    const shown = visible();
    const names = namer(shown);
    const lines = series.kind === 'histogram'
      ? shown.flatMap(one => (choice.part ? [choice.part] : parts).map(name => ({ of: names(one), dash: dashes[name], name: `${name} ${names(one)}`.trim(), points: one.points.map(point => [Date.parse(point.t), point[name]]) })))
      : choice.group ? addedUp(shown, choice.group, Number(choice.minutes)) : shown.map(one => ({ name: names(one) || series.name, points: one.points.map(point => [Date.parse(point.t), point.v]) }));
    if (series.kind === 'histogram') return coloured(lines.toSorted((a, b) => busy(b, shown, names) - busy(a, shown, names)), line => (shown.length === 1 ? line.name : line.of));
    return coloured(lines.toSorted((a, b) => highest(b) - highest(a)), line => line.name);
  }

  function busy(line, shown, names) {
    return shown.find(one => names(one) === line.of).points.reduce((sum, point) => sum + point.count, 0);
  }

  function showCharts() {
    const to = Date.now();
    const from = to - Number(choice.minutes) * 60_000;
    const drawn = linesOf().slice(0, mostLines).filter(line => !hidden.has(line.name));
    if (chart.element.isConnected) chart.show(drawn, { unit: unit(), from, to, tall: 280, label: series.name });
    if (!counts.element.isConnected) return;
    const names = namer(visible());
    const rates = visible().map(one => ({ of: names(one), name: names(one) || 'measurements', points: one.points.map(point => [Date.parse(point.t), point.count]) }));
    const colours = new Map(linesOf().map(line => [line.of, line.colour]));
    counts.show(rates.toSorted((a, b) => highest(b) - highest(a)).slice(0, mostLines).map(line => ({ ...line, colour: colours.get(line.of) ?? seriesColour(0) })), { unit: '/s', from, to, tall: 120, label: 'Measurements per second' });
  }

  function valueTable(lines) {
    return table('Values', ['Series', ...['Last', 'Least', 'Mean', 'Most'].map(text => ({ text, class: 'right' }))], lines.map(line => {
      const values = line.points.map(point => point[1]).filter(value => value !== null);
      return h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader' }, line.name), [values.at(-1), Math.min(...values), values.reduce((sum, value) => sum + value, 0) / values.length, Math.max(...values)].map(value => cell({ class: 'num right' }, values.length === 0 ? '–' : measure(value, unit()))));
    }));
  }

  function percentileTable() {
    return table('Latest percentiles', ['Series', ...['Per second', ...parts].map(text => ({ text, class: 'right' }))], visible().map(one => {
      const point = one.points.findLast(other => other.p50 !== null && other.p50 !== undefined);
      return h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader' }, namer(visible())(one) || series.name), cell({ class: 'num right' }, number(one.points.at(-1)?.count)), parts.map(name => cell({ class: 'num right' }, measure(point?.[name], unit()))));
    }));
  }
}

const replicaKey = 'replica';
const valueOf = (one, key) => (key === replicaKey ? one.replica : one.attributes.find(([name]) => name === key)?.[1] ?? '');

function keysOf({ series }) {
  const keys = [...new Set(series.flatMap(one => one.attributes.map(([key]) => key)))];
  return new Set(series.map(one => one.replica)).size > 1 ? [...keys, replicaKey] : keys;
}

/** A series is called by what tells it from the others. */
function namer(series) {
  const telling = keysOf({ series }).filter(key => new Set(series.map(one => valueOf(one, key))).size > 1);
  return one => telling.map(key => valueOf(one, key)).filter(value => value !== '').join(' · ');
}

/** Series with the same value of an attribute as one line: in every step, the sum of what each of them was on average. */
function addedUp(series, key, minutes) {
  const step = (minutes * 60_000) / stepsPerRange;
  const groups = Map.groupBy(series, one => (key === '*' ? 'all' : valueOf(one, key) || '(none)'));
  return [...groups].map(([name, members]) => {
    const sums = new Map();
    for (const one of members) {
      for (const [at, points] of Map.groupBy(one.points, point => Math.floor(Date.parse(point.t) / step) * step)) {
        sums.set(at, (sums.get(at) ?? 0) + points.reduce((sum, point) => sum + point.v, 0) / points.length);
      }
    }
    return { name, points: [...sums].sort((a, b) => a[0] - b[0]) };
  });
}

// By its name, so that a line keeps its colour when another overtakes it.
function coloured(lines, nameOf) {
  const names = [...new Set(lines.map(nameOf))].sort();
  return lines.map(line => ({ ...line, colour: seriesColour(names.indexOf(nameOf(line))) }));
}

const highest = line => Math.max(0, ...line.points.map(point => point[1] ?? 0));
const lastOf = line => line.points.findLast(point => point[1] !== null)?.[1];
