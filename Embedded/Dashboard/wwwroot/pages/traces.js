import { h, render, cell, count, dot, empty, field, fill, icon, loading, ms, plural, select, settled, shortId, table, time } from '/dom.js';
import { ask, isReading, keep, link, toTop } from '/frame.js';
import { newer } from '/pages/logs.js';
import { scatter } from '/charts.js';

export const title = 'Traces';

const page = 200;
const chips = 4;
const orders = [['', 'Newest'], ['Slowest', 'Slowest'], ['MostSpans', 'Most spans']];

export function mount(root, parameters, again) {
  const filter = { resource: '', text: '', errors: '', minMs: '', order: '', ...parameters };
  let traces = null;
  let [total, most] = [0, 0];
  // How many are asked for, and how many were when the list that is shown was.
  let [listed, listedBefore] = [page, page];
  let waiting = 0;
  let generation = 0;
  const remember = () => keep('traces', filter);
  const change = (key, value) => {
    filter[key] = value;
    generation++;
    [traces, waiting, listed, listedBefore] = [null, 0, page, page];
    remember();
    draw();
    again();
  };
  const resource = select([['', 'All']], filter.resource, value => change('resource', value), { id: 'trace-resource' });
  const text = h('input', { type: 'search', id: 'trace-text', placeholder: 'Name, id or value, such as an order’s', value: filter.text, oninput: settled(() => change('text', text.value.trim())) });
  const least = select([['', 'Any'], ['10', '10 ms'], ['50', '50 ms'], ['100', '100 ms'], ['250', '250 ms'], ['500', '500 ms'], ['1000', '1 s'], ['5000', '5 s']], '', value => change('minMs', value), { id: 'trace-min' });
  if (filter.minMs && ![...least.options].some(option => option.value === filter.minMs)) least.append(h('option', { value: filter.minMs }, ms(Number(filter.minMs))));
  least.value = filter.minMs;
  if (!orders.some(([name]) => name === filter.order)) filter.order = '';
  const order = select(orders, filter.order, value => change('order', value), { id: 'trace-order' });
  const errors = h('input', { type: 'checkbox', id: 'trace-errors', checked: filter.errors === 'true', onchange: () => change('errors', errors.checked ? 'true' : '') });
  const fields = h('div', { class: 'filters', 'data-key': 'filters' },
    field('Resource', resource), h('label', { class: 'field wide' }, h('span', {}, 'Text'), text), field('At least', least), field('First', order), h('label', { class: 'check' }, errors, ' Errors only'));

  return async () => {
    const own = generation;
    const names = (await ask('/api/resources')).filter(one => one.type === 'project').map(one => one.name);
    fill(resource, [['', 'All'], ...[...new Set([...names, ...(filter.resource ? [filter.resource] : [])])].map(name => [name, name])], filter.resource);
    const query = new URLSearchParams(Object.entries({ ...filter, limit: listed }).filter(([, value]) => value !== ''));
    const { items, ...answer } = await ask(`/api/traces?${query}`);
    if (own !== generation) return;
    ({ total, most } = answer);
    const more = listed !== listedBefore;
    const known = new Set((traces ?? []).map(trace => trace.traceId));
    const fresh = items.filter(trace => !known.has(trace.traceId)).length;
    if (traces?.length > 0 && fresh > 0 && !more && isReading(scroller())) waiting = fresh;
    else [traces, waiting, listedBefore] = [items, 0, listed];
    draw();
  };

  function scroller() {
    return root.querySelector('.scroll');
  }

  function draw() {
    const shown = traces ?? [];
    render(root,
      h('div', { class: 'page-head' }, h('h1', {}, 'Traces'), fields),
      waiting > 0 && newer(plural(waiting, 'newer trace'), waiting >= listed, () => { toTop(scroller()); again(); }),
      traces === null ? loading() : shown.length === 0 ? empty('No traces', 'Nothing that fits has come yet. Widen the filter, or use the application a little.') : [
        shown.length > 2 && h('div', { class: 'panel scatter-frame', 'data-key': 'scatter' }, scatter(shown)),
        h('div', { class: 'scroll', 'data-key': 'list' }, list(shown), total > listedBefore && rest(shown.length)),
      ]);
  }

  function rest(shown) {
    const text = `The first ${count(shown)} of ${plural(total, 'trace')}`;
    return h('p', { class: 'more' }, h('span', { class: 'soft', 'data-testid': 'traces-shown' }, shown < most ? text : `${text}. A narrower filter finds the others.`),
      shown < most && h('button', { type: 'button', onclick: showMore }, 'Show more'));
  }

  function showMore() {
    listed = Math.min(listed + page, most);
    // What is asked for already is too short.
    generation++;
    again();
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
