import { h, render, cell, count, dot, empty, field, fill, icon, loading, ms, plural, select, settled, shortId, table, time } from '/dom.js';
import { ask, isReading, keep, link, toTop } from '/frame.js';
import { newer } from '/pages/logs.js';
import { scatter } from '/charts.js';

export const title = 'Traces';

const listed = 200;
const chips = 4;

export function mount(root, parameters, again) {
  const filter = { resource: '', text: '', errors: '', minMs: '', sort: '', ...parameters };
  let traces = null;
  let waiting = 0;
  let generation = 0;
  const remember = () => keep('traces', filter);
  const change = (key, value) => {
    filter[key] = value;
    generation++;
    [traces, waiting] = [null, 0];
    remember();
    draw();
    again();
  };
  const resource = select([['', 'All']], filter.resource, value => change('resource', value), { id: 'trace-resource' });
  const text = h('input', { type: 'search', id: 'trace-text', placeholder: 'Name, id or value, such as an order’s', value: filter.text, oninput: settled(() => change('text', text.value.trim())) });
  const least = select([['', 'Any'], ['10', '10 ms'], ['50', '50 ms'], ['100', '100 ms'], ['250', '250 ms'], ['500', '500 ms'], ['1000', '1 s'], ['5000', '5 s']], '', value => change('minMs', value), { id: 'trace-min' });
  if (filter.minMs && ![...least.options].some(option => option.value === filter.minMs)) least.append(h('option', { value: filter.minMs }, ms(Number(filter.minMs))));
  least.value = filter.minMs;
  const sort = select([['', 'Newest'], ['slow', 'Slowest'], ['spans', 'Most spans']], filter.sort, value => { filter.sort = value; remember(); draw(); }, { id: 'trace-sort' });
  const errors = h('input', { type: 'checkbox', id: 'trace-errors', checked: filter.errors === 'true', onchange: () => change('errors', errors.checked ? 'true' : '') });
  const fields = h('div', { class: 'filters', 'data-key': 'filters' },
    field('Resource', resource), h('label', { class: 'field wide' }, h('span', {}, 'Text'), text), field('At least', least), field('First', sort), h('label', { class: 'check' }, errors, ' Errors only'));

  return async () => {
    const own = generation;
    const names = (await ask('/api/resources')).filter(one => one.type === 'project').map(one => one.name);
    fill(resource, [['', 'All'], ...[...new Set([...names, ...(filter.resource ? [filter.resource] : [])])].map(name => [name, name])], filter.resource);
    const { resource: of, text: mentions, errors: failed, minMs } = filter;
    const query = new URLSearchParams(Object.entries({ limit: listed, resource: of, text: mentions, errors: failed, minMs }).filter(([, value]) => value !== ''));
    const { items } = await ask(`/api/traces?${query}`);
    if (own !== generation) return;
    const known = new Set((traces ?? []).map(trace => trace.traceId));
    const fresh = items.filter(trace => !known.has(trace.traceId)).length;
    if (traces?.length > 0 && fresh > 0 && isReading(scroller())) waiting = fresh;
    else [traces, waiting] = [items, 0];
    draw();
  };

  function scroller() {
    return root.querySelector('.scroll');
  }

  function draw() {
    const order = { slow: (a, b) => b.durationMs - a.durationMs, spans: (a, b) => b.spanCount - a.spanCount }[filter.sort];
    const shown = order && traces ? traces.toSorted(order) : traces ?? [];
    render(root,
      h('div', { class: 'page-head' }, h('h1', {}, 'Traces'), fields),
      waiting > 0 && newer(plural(waiting, 'newer trace'), waiting >= listed, () => { toTop(scroller()); again(); }),
      traces === null ? loading() : shown.length === 0 ? empty('No traces', 'Nothing that fits has come yet. Widen the filter, or use the application a little.') : [
        shown.length > 2 && h('div', { class: 'panel scatter-frame', 'data-key': 'scatter' }, scatter(shown)),
        h('div', { class: 'scroll', 'data-key': 'list' }, list(shown)),
      ]);
  }
}

function list(traces) {
  const longest = Math.max(...traces.map(trace => trace.durationMs), Number.MIN_VALUE);
  return table('Traces', ['Time', 'Trace', 'Resources', { text: 'Spans', class: 'right' }, 'Duration'], traces.map(trace => h('tr', {
    role: 'row', 'data-key': trace.traceId, 'data-testid': 'trace', 'data-trace-id': trace.traceId, 'data-errors': trace.errorCount,
    onclick: event => { if (!event.target.closest('a') && String(getSelection()) === '') location.hash = link(`traces/${trace.traceId}`); },
  },
  cell({ class: 'num soft' }, time(trace.startedAt)),
  cell({ class: 'trace-name' }, h('a', { href: link(`traces/${trace.traceId}`) }, trace.name), h('span', { class: 'soft mono' }, ` ${shortId(trace.traceId)}`),
    trace.errorCount > 0 && h('span', { class: 'tag bad' }, icon('warning'), plural(trace.errorCount, 'error'))),
  cell({ class: 'chips' }, trace.resources.slice(0, chips).map(one => h('span', { class: 'chip' }, dot(one.name), one.name, h('span', { class: 'soft num' }, count(one.count)))),
    trace.resources.length > chips && h('span', { class: 'soft' }, `+${trace.resources.length - chips}`)),
  cell({ class: 'num right', 'data-label': 'Spans' }, count(trace.spanCount)),
  cell({ class: 'duration' }, h('span', { class: 'num' }, ms(trace.durationMs)), h('span', { class: 'rail', 'aria-hidden': 'true' }, h('span', { class: `bar ${trace.errorCount > 0 ? 'bad' : ''}`, style: { width: `${Math.max(0.5, (trace.durationMs / longest) * 100).toFixed(2)}%` } })))),
  ), { class: 'cards traces' });
}
