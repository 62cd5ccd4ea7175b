import { h, render, cell, dot, drawer, empty, field, fill, icon, loading, moment, pairs, plural, section, select, settled, shortId, table, time } from '/dom.js';
import { ask, copier, enterDrawer, isReading, keep, link, toTop } from '/frame.js';

export const title = 'Structured logs';

const levels = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical'];
const page = 200;

export function mount(root, parameters, again) {
  const filter = { resource: '', level: '', text: '', trace: '', ...parameters };
  delete filter.log;
  let chosen = parameters.log ? Number(parameters.log) : null;
  let [items, older, more, seen] = [null, [], false, 0];
  let waiting = 0;
  let generation = 0;

  const remember = () => keep('logs', { ...filter, log: chosen });
  const change = (key, value) => {
    filter[key] = value;
    [items, older, waiting] = [null, [], 0];
    generation++;
    remember();
    draw();
    again();
  };
  const resource = select([['', 'All']], filter.resource, value => change('resource', value), { id: 'log-resource' });
  const level = select([['', 'All'], ...levels.slice(1).map(one => [one, one === 'Critical' ? one : `${one} and worse`])], filter.level, value => change('level', value), { id: 'log-level' });
  const text = h('input', { type: 'search', id: 'log-text', value: filter.text, placeholder: 'In message, category, values', oninput: settled(() => change('text', text.value.trim())) });
  const trace = h('input', { type: 'search', id: 'log-trace', value: filter.trace, placeholder: 'Trace id', oninput: settled(() => change('trace', trace.value.trim())) });
  const fields = h('div', { class: 'filters', 'data-key': 'filters' }, field('Resource', resource), field('Level', level), field('Text', text), field('Trace', trace));
  root.onkeydown = event => { if (event.key === 'Escape' && chosen !== null) open(null); };

  return async () => {
    const own = generation;
    const names = (await ask('/api/resources')).filter(one => one.replicas.length > 0).map(one => one.name);
    fill(resource, [['', 'All'], ...[...new Set([...names, ...(filter.resource ? [filter.resource] : [])])].map(name => [name, name])], filter.resource);
    const answer = await ask(`/api/logs?${query({ limit: page })}`);
    if (own !== generation) return;
    const newest = answer.items[0]?.seq ?? 0;
    if (items !== null && items.length > 0 && newest > seen && isReading(scroller())) {
      // Whoever reads further down isn't disturbed.
      waiting = answer.items.filter(log => log.seq > seen).length;
      draw();
      return;
    }
    const gap = items !== null && older.length > 0 && answer.items.length === page && answer.items.at(-1).seq > seen;
    if (older.length === 0 || gap) {
      more = answer.more;
      older = [];
    } else {
      // What is pushed out of the first page stays below it.
      const last = answer.items.at(-1)?.seq ?? 0;
      older = [...items, ...older].filter((log, index, all) => log.seq < last && all.findIndex(other => other.seq === log.seq) === index);
    }
    [items, seen, waiting] = [answer.items, newest, 0];
    draw();
  };

  function query(extra) {
    return new URLSearchParams(Object.entries({ ...filter, ...extra }).filter(([, value]) => value !== ''));
  }

  function scroller() {
    return root.querySelector('.scroll');
  }

  async function loadOlder() {
    const own = generation;
    const answer = await ask(`/api/logs?${query({ limit: page, before: [...items, ...older].at(-1).seq })}`).catch(again);
    // Without an answer the next round says so.
    if (!answer || own !== generation) return;
    older = [...older, ...answer.items];
    more = answer.more;
    draw();
  }

  function open(seq) {
    const from = chosen;
    chosen = seq;
    remember();
    draw();
    if (seq !== null) enterDrawer(root);
    else root.querySelector(`[data-opens="${from}"]`)?.focus();
  }

  function draw() {
    const all = [...(items ?? []), ...older];
    const log = all.find(one => one.seq === chosen);
    render(root,
      h('div', { class: 'page-head' }, h('h1', {}, 'Structured logs'), fields),
      waiting > 0 && newer(plural(waiting, 'newer record', 'newer records'), waiting >= page, () => { toTop(scroller()); again(); }),
      h('div', { class: `split ${log ? 'open' : ''}` },
        items === null ? loading() : all.length === 0 ? empty('No log records', 'Nothing that fits has been logged yet. Widen the filter, or use the application a little.')
          : h('div', { class: 'scroll', 'data-key': 'list' },
            table('Log records, newest first', columns, all.map(one => row(one, chosen === one.seq, () => open(chosen === one.seq ? null : one.seq))), { class: 'cards logs' }),
            more && h('p', { class: 'more' }, h('button', { type: 'button', onclick: loadOlder }, 'Load older records'))),
        log && details(log, () => open(null))));
  }
}

/** Says that newer ones wait. */
export const newer = (text, orMore, onclick) => h('div', { class: 'newer', 'data-key': 'newer' }, h('button', { type: 'button', 'data-testid': 'newer', onclick }, icon('up'), `${text}${orMore ? ' or more' : ''}`));

const columns = ['Time', 'Resource', 'Level', 'Message', 'Trace'];

/** A record as a row. */
export function row(log, isChosen, toggle) {
  const kind = log.level.toLowerCase();
  return h('tr', { role: 'row', class: `log ${kind} ${isChosen ? 'chosen' : ''}`, 'data-key': `log-${log.seq}`, 'data-testid': 'log', 'data-level': log.level, 'data-resource': log.resource, 'data-trace-id': log.traceId,
    onclick: event => { if (!event.target.closest('a, button') && String(getSelection()) === '') toggle(); } },
  cell({ class: 'num soft' }, time(log.at)),
  cell({ class: 'who' }, dot(log.resource), log.replica || log.resource),
  cell({}, h('span', { class: `level ${kind}` }, log.level)),
  cell({ class: 'message' }, h('button', { type: 'button', class: 'plain', 'data-opens': log.seq, 'aria-expanded': String(isChosen), onclick: toggle }, log.message || '(no message)', log.exception && h('span', { class: 'tag bad' }, 'exception'))),
  cell({ class: 'mono' }, log.traceId && h('a', { href: link(`traces/${log.traceId}`, { span: log.spanId }), 'aria-label': `Trace ${shortId(log.traceId)}` }, shortId(log.traceId))));
}

export const logTable = (label, rows) => table(label, columns, rows, { class: 'cards logs' });

/** All a record holds. */
export function details(log, onclose) {
  return drawer('Log record', { kicker: `${log.level} · ${moment(log.at)}`, heading: log.message || '(no message)', onclose, testId: 'log-details', key: `log-${log.seq}` },
    h('p', { class: 'who' }, dot(log.resource), log.replica || log.resource),
    log.exception && section('Exception', h('pre', { tabindex: '0' }, log.exception)),
    section('Record', pairs('The record', [
      ['category', log.category], ...(log.eventId ? [['event', log.eventId]] : []),
      ...(log.traceId ? [['trace', [h('a', { href: link(`traces/${log.traceId}`, { span: log.spanId }) }, log.traceId), copier(log.traceId, 'trace id')]]] : []),
      ...(log.spanId ? [['span', log.spanId]] : []), ['time', time(log.at)],
    ])),
    section('Values', log.attributes.length > 0 ? pairs('Values of the record', log.attributes) : h('p', { class: 'soft' }, 'It carries no values.')));
}
