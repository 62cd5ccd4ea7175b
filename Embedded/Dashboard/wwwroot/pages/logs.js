import { h, dot, empty, field, fill, pairs, select, shortId, time } from '/dom.js';
import { ask, keep, link } from '/dashboard.js';

export const title = 'Structured logs';

const levels = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical'];

export function mount(root, parameters) {
  const filter = { resource: '', level: '', text: '', trace: '', ...parameters };
  const open = new Set();
  let older = [];
  let shown = '';
  const change = (key, value) => { filter[key] = value; older = []; shown = ''; keep('logs', filter); };
  const resource = select([['', 'All']], filter.resource, value => change('resource', value));
  const body = h('div', {});
  root.replaceChildren(h('h1', {}, 'Structured logs'),
    h('div', { class: 'filters' },
      field('Resource', resource),
      field('Level', select([['', 'All'], ...levels.map(level => [level, `${level} and worse`])], filter.level, value => change('level', value))),
      field('Text', h('input', { type: 'search', value: filter.text, oninput: event => change('text', event.target.value) })),
      field('Trace', h('input', { type: 'search', value: filter.trace, oninput: event => change('trace', event.target.value.trim()) }))),
    body);

  return async () => {
    const names = [...new Set((await ask('/api/resources')).map(one => one.name))];
    fill(resource, [['', 'All'], ...names.map(name => [name, name])], filter.resource);
    const { items, more } = await ask(`/api/logs?${new URLSearchParams(filter)}`);
    const text = JSON.stringify([items, [...open], older.length]);
    if (text === shown) return;
    shown = text;
    const all = [...items, ...older.filter(log => log.seq < (items.at(-1)?.seq ?? Infinity))];
    body.replaceChildren(...[all.length === 0 ? empty('No log records', 'Nothing that fits has been logged yet. Widen the filter, or use the shop a little.') : table(all),
      more && all.length > 0 && h('button', { type: 'button', onclick: async () => {
        older = [...older, ...(await ask(`/api/logs?${new URLSearchParams({ ...filter, before: all.at(-1).seq })}`)).items];
        shown = '';
      } }, 'Older')].filter(Boolean));
  };

  function table(logs) {
    return h('div', { class: 'scroll' }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, ['Time', 'Resource', 'Level', 'Message', 'Trace'].map(heading => h('th', { scope: 'col' }, heading)))),
      h('tbody', {}, logs.flatMap(log => rows(log, open, () => { shown = ''; })))));
  }
}

/** A record's rows: itself and, opened, what it holds. */
export function rows(log, open, changed) {
  const isOpen = open.has(log.seq);
  const toggle = () => { open[isOpen ? 'delete' : 'add'](log.seq); changed(); };
  return [
    h('tr', { class: `log ${log.level.toLowerCase()}`, 'data-testid': 'log' },
      h('td', { class: 'num' }, time(log.at)),
      h('td', {}, dot(log.resource), log.replica),
      h('td', {}, h('span', { class: `level ${log.level.toLowerCase()}` }, log.level)),
      h('td', {}, h('button', { type: 'button', class: 'plain message', 'aria-expanded': String(isOpen), onclick: toggle }, log.message)),
      h('td', {}, log.traceId && h('a', { href: `#/traces/${log.traceId}` }, shortId(log.traceId)))),
    isOpen && h('tr', { class: 'details' }, h('td', { colspan: 5 },
      pairs([['category', log.category], ['event', log.eventId ?? '–'], ['trace', log.traceId ?? '–'], ['span', log.spanId ?? '–'], ...log.attributes], 'What the record holds'),
      log.exception && h('pre', {}, log.exception))),
  ];
}

export const logLink = traceId => link('logs', { trace: traceId });
