import { h, dot, empty, field, fill, ms, select, shortId, time } from '/dom.js';
import { ask, keep } from '/dashboard.js';

export const title = 'Traces';

export function mount(root, parameters) {
  const filter = { resource: '', text: '', errors: '', minMs: '', ...parameters };
  let shown = '';
  const change = (key, value) => { filter[key] = value; shown = ''; keep('traces', filter); };
  const resource = select([['', 'All']], filter.resource, value => change('resource', value));
  const body = h('div', {});
  root.replaceChildren(h('h1', {}, 'Traces'),
    h('div', { class: 'filters' },
      field('Resource', resource),
      field('Name, id or attribute', h('input', { type: 'search', id: 'trace-text', placeholder: 'such as an order’s id', value: filter.text, oninput: event => change('text', event.target.value.trim()) })),
      field('Longer than, ms', h('input', { type: 'number', min: 0, value: filter.minMs, oninput: event => change('minMs', event.target.value) })),
      h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: filter.errors === 'true', onchange: event => change('errors', event.target.checked ? 'true' : '') }), ' Errors only')),
    body);

  return async () => {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
    const { items } = await ask(`/api/traces?limit=200&${query}`);
    const text = JSON.stringify(items);
    if (text === shown) return;
    shown = text;
    const names = [...new Set((await ask('/api/resources')).map(one => one.name))];
    fill(resource, [['', 'All'], ...names.map(name => [name, name])], filter.resource);
    body.replaceChildren(items.length === 0 ? empty('No traces', 'Nothing that fits has come yet. Widen the filter, or use the shop a little.') : table(items));
  };
}

function table(traces) {
  const longest = Math.max(...traces.map(trace => trace.durationMs));
  return h('div', { class: 'scroll' }, h('table', { class: 'list' },
    h('thead', {}, h('tr', {}, ['Time', 'Trace', 'Spans', 'Duration'].map(heading => h('th', { scope: 'col' }, heading)))),
    h('tbody', {}, traces.map(trace => h('tr', { 'data-testid': 'trace', 'data-trace-id': trace.traceId },
      h('td', { class: 'num' }, time(trace.startedAt)),
      h('td', {}, h('a', { href: `#/traces/${trace.traceId}` }, trace.name), h('span', { class: 'soft' }, ` ${shortId(trace.traceId)}`),
        trace.errorCount > 0 && h('span', { class: 'state bad' }, `${trace.errorCount} ${trace.errorCount === 1 ? 'error' : 'errors'}`)),
      h('td', {}, trace.resources.map(one => h('span', { class: 'chip' }, dot(one.name), `${one.name} ${one.count}`))),
      h('td', { class: 'duration' }, h('span', { class: 'bar', style: { width: `${Math.max(1, (trace.durationMs / longest) * 100)}%` }, 'aria-hidden': 'true' }), h('span', { class: 'num' }, ms(trace.durationMs))))))));
}
