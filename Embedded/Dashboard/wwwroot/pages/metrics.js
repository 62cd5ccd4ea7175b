import { h, empty, field, fill, moment, number, select } from '/dom.js';
import { ask, keep } from '/dashboard.js';
import { lineChart } from '/charts.js';

export const title = 'Metrics';

const mostLines = 8;

export function mount(root, parameters) {
  const choice = { resource: '', meter: '', instrument: '', minutes: '5', ...parameters };
  const only = {};
  let shown = '';
  const change = (key, value) => { choice[key] = value; shown = ''; keep('metrics', choice); };
  const resource = select([['', '…']], '', value => { choice.meter = choice.instrument = ''; change('resource', value); }, { id: 'metrics-resource' });
  const list = h('nav', { class: 'instruments', 'aria-label': 'Instruments' });
  const body = h('div', { class: 'instrument' });
  root.replaceChildren(h('h1', {}, 'Metrics'),
    h('div', { class: 'filters' }, field('Resource', resource), field('Last', select([['1', '1 minute'], ['5', '5 minutes'], ['10', '10 minutes']], choice.minutes, value => change('minutes', value)))),
    h('div', { class: 'two' }, list, body));

  return async () => {
    const all = await ask('/api/metrics');
    if (all.length === 0) {
      body.replaceChildren(empty('No metrics yet', 'Services send them every two seconds once they run.'));
      return;
    }
    const found = all.find(one => one.resource === choice.resource) ?? all.find(one => one.resource === 'apiservice') ?? all[0];
    choice.resource = found.resource;
    fill(resource, all.map(one => [one.resource, one.resource]), found.resource);
    const meter = found.meters.find(one => one.name === choice.meter) ?? found.meters.find(one => one.name.startsWith('Shop.')) ?? found.meters[0];
    choice.meter = meter.name;
    choice.instrument = (meter.instruments.find(one => one.name === choice.instrument) ?? meter.instruments[0]).name;
    showList(found);
    const series = await ask(`/api/metrics/series?${new URLSearchParams(choice)}`);
    const text = JSON.stringify([series, only]);
    if (!series || text === shown) return;
    shown = text;
    show(series);
  };

  function showList(found) {
    const wanted = JSON.stringify([found, choice.meter, choice.instrument]);
    if (list.dataset.shown === wanted) return;
    list.dataset.shown = wanted;
    list.replaceChildren(...found.meters.map(meter => h('details', { open: meter.name === choice.meter },
      h('summary', {}, meter.name),
      h('ul', {}, meter.instruments.map(instrument => h('li', {}, h('button', {
        type: 'button', class: 'plain', 'aria-pressed': String(meter.name === choice.meter && instrument.name === choice.instrument),
        onclick: () => { choice.meter = meter.name; for (const key of Object.keys(only)) delete only[key]; change('instrument', instrument.name); },
      }, instrument.name)))))));
  }

  function show(series) {
    const keys = [...new Set(series.series.flatMap(one => one.attributes.map(([key]) => key)))];
    const replicas = new Set(series.series.map(one => one.replica)).size;
    const visible = series.series.filter(one => keys.every(key => !only[key] || valueOf(one, key) === only[key]));
    const isHistogram = series.kind === 'histogram';
    const unit = series.kind === 'counter' ? `${plainUnit(series.unit)}/s` : plainUnit(series.unit);
    const to = Date.now();
    const lines = visible.flatMap(one => (isHistogram
      ? ['p50', 'p95', 'p99'].map(part => ({ name: `${part} ${nameOf(one)}`, points: one.points.map(point => [Date.parse(point.t), point[part]]) }))
      : [{ name: nameOf(one), points: one.points.map(point => [Date.parse(point.t), point.v]) }]));
    const busiest = lines.toSorted((a, b) => last(b) - last(a)).slice(0, mostLines).map((line, index) => ({ ...line, colour: `var(--series-${index})` }));
    body.replaceChildren(
      h('h2', {}, series.name), h('p', { class: 'soft' }, `${series.description || 'No description.'} ${series.kind === 'counter' ? 'Shown as a rate.' : isHistogram ? 'Shown as percentiles.' : ''}`),
      h('div', { class: 'filters' }, keys.map(key => field(key, select([['', 'All'], ...[...new Set(series.series.map(one => valueOf(one, key)))].map(value => [value, value || '(none)'])], only[key] ?? '', value => { only[key] = value; shown = ''; })))),
      busiest.some(line => line.points.length > 0) ? lineChart(busiest, { unit, from: to - Number(choice.minutes) * 60000, to }) : empty('Nothing measured yet', 'The first two exports make the first point.'),
      h('ul', { class: 'legend' }, busiest.map(line => h('li', {}, h('span', { class: 'dot', style: { background: line.colour } }), line.name, h('span', { class: 'num' }, ` ${number(line.points.findLast(point => point[1] !== null)?.[1])} ${unit}`)))),
      lines.length > mostLines && h('p', { class: 'soft' }, `${lines.length - mostLines} further lines are not drawn: choose values above.`),
      h('details', { class: 'as-table' }, h('summary', {}, 'As a table'), h('div', { class: 'scroll' }, h('table', { class: 'list' },
        h('thead', {}, h('tr', {}, ['Series', 'Last seen', isHistogram ? 'Per second' : 'Value', ...(isHistogram ? ['p50', 'p95', 'p99'] : [])].map(heading => h('th', { scope: 'col' }, heading)))),
        h('tbody', {}, visible.filter(one => one.points.length > 0).map(one => {
          const point = one.points.at(-1);
          return h('tr', {}, h('th', { scope: 'row' }, nameOf(one)), h('td', {}, moment(point.t)), ...(isHistogram ? [point.count, point.p50, point.p95, point.p99] : [point.v]).map(value => h('td', { class: 'num' }, number(value))));
        }))))));

    function nameOf(one) {
      const attributes = one.attributes.map(([, value]) => value).join(' ');
      return replicas > 1 || !attributes ? `${one.replica} ${attributes}`.trim() : attributes;
    }
  }
}

const last = line => line.points.findLast(point => point[1] !== null)?.[1] ?? 0;
const valueOf = (one, key) => one.attributes.find(([name]) => name === key)?.[1] ?? '';
const plainUnit = unit => unit.replace(/^\{(.*)\}$/, '$1');
