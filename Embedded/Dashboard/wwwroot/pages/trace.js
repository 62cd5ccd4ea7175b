import { h, render, colour, count, dot, drawer, empty, icon, loading, moment, ms, pairs, plural, section, shortId, time } from '/dom.js';
import { ask, copier, enterDrawer, keep, link } from '/frame.js';
import { details as logDetails, logTable, row as logRow } from '/pages/logs.js';

export const title = 'Trace';

const steps = [0, 0.25, 0.5, 0.75, 1];
const mostRows = 600;
const deepest = 14;
const indent = 13;
/** Less than this share of the width, pulled over the time, is a click and no choice. */
const leastPull = 0.01;

export function mount(root, { id, span: wanted, log: wantedLog }) {
  const collapsed = new Set();
  let chosen = wanted ?? null;
  let chosenLog = wantedLog ? Number(wantedLog) : null;
  let trace = null;
  let view = null;
  let pull = null;
  let needle = '';
  let rows = mostRows;
  let missing = false;
  let shown = '';

  const remember = () => keep(`traces/${encodeURIComponent(id)}`, { span: chosen, log: chosenLog });
  const search = h('input', { type: 'search', id: 'span-text', placeholder: 'Find spans', 'aria-label': 'Find spans', 'data-key': 'span-text', oninput: () => { needle = search.value.trim().toLowerCase(); draw(); } });
  root.onkeydown = event => {
    if (event.key !== 'Escape') return;
    if (chosen !== null || chosenLog !== null) choose(null);
    else if (view) zoom(null);
  };
  if (chosen !== null) requestAnimationFrame(() => requestAnimationFrame(() => root.querySelector('.span.chosen')?.scrollIntoView({ block: 'center' })));

  return async () => {
    const answer = await ask(`/api/traces/${encodeURIComponent(id)}`);
    missing = !answer && !trace;
    // A trace that was kept while somebody looks at it may be gone by now; what was seen stays.
    const text = JSON.stringify(answer);
    if (text === shown && trace) return;
    shown = text;
    trace = answer ?? trace;
    if (trace) document.title = `${rootOf(trace).name} – trace`;
    draw();
  };

  function choose(spanId) {
    const from = chosen;
    [chosen, chosenLog] = [spanId, null];
    remember();
    draw();
    if (spanId !== null) enterDrawer(root);
    else if (from) root.querySelector(`[data-opens="${from}"]`)?.focus();
  }

  function chooseLog(seq) {
    [chosen, chosenLog] = [null, seq];
    remember();
    draw();
    if (seq !== null) enterDrawer(root);
  }

  function zoom(range) {
    view = range;
    draw();
  }

  function draw() {
    if (missing) {
      return render(root, h('div', { class: 'page-head' }, h('h1', {}, 'Trace')), empty('This trace isn’t here', 'It was never kept, or it is gone to make room for newer ones.'), h('p', { class: 'more' }, h('a', { href: '#/traces' }, 'All traces')));
    }
    if (!trace) return render(root, loading());

    const tree = treeOf(trace.spans);
    const visible = walk(tree, collapsed);
    const range = view ?? { from: 0, to: Math.max(trace.durationMs, Number.MIN_VALUE) };
    const resources = Map.groupBy(trace.spans, span => span.resource);
    const errors = trace.spans.filter(span => span.status === 'Error').length;
    const span = trace.spans.find(one => one.spanId === chosen);
    const log = trace.logs.find(one => one.seq === chosenLog);
    const logsOf = Map.groupBy(trace.logs, one => one.spanId);
    const parents = trace.spans.filter(one => tree.children.has(one.spanId)).map(one => one.spanId);
    return render(root,
      h('div', { class: 'page-head trace-head' },
        h('div', {},
          h('p', { class: 'kicker' }, h('a', { href: '#/traces' }, 'Traces'), ' / ', h('span', { class: 'mono' }, shortId(trace.traceId)), copier(trace.traceId, 'trace id')),
          h('h1', {}, rootOf(trace).name)),
        h('dl', { class: 'facts' },
          fact('Started', moment(trace.startedAt)), fact('Duration', ms(trace.durationMs)), fact('Spans', count(trace.spans.length)), fact('Resources', count(resources.size)),
          fact('Errors', count(errors), errors > 0 ? 'bad' : ''), fact('Logs', h('a', { href: link('logs', { trace: trace.traceId }), 'data-testid': 'trace-logs' }, plural(trace.logs.length, 'record'))))),
      h('div', { class: 'trace-tools' },
        h('p', { class: 'chips' }, [...resources].map(([name, spans]) => h('span', { class: 'chip' }, dot(name), name, h('span', { class: 'soft num' }, count(spans.length))))),
        h('div', { class: 'tools' }, search,
          view && h('button', { type: 'button', 'data-key': 'whole', onclick: () => zoom(null) }, 'Whole trace'),
          parents.length > 1 && h('button', { type: 'button', 'data-key': 'fold', onclick: () => { if (collapsed.size) collapsed.clear(); else parents.forEach(one => collapsed.add(one)); draw(); } }, collapsed.size ? 'Expand all' : 'Collapse all'))),
      h('div', { class: `split ${span || log ? 'open' : ''}` },
        h('div', { class: 'scroll waterfall-frame', 'data-key': 'waterfall' },
          h('div', { class: 'waterfall', role: 'treegrid', 'aria-label': 'Spans of the trace', 'data-testid': 'waterfall', onkeydown: move },
            h('div', { role: 'rowgroup', class: 'ticks-group' }, ticks(range)),
            h('div', { role: 'rowgroup' }, visible.slice(0, rows).map(entry => line(entry, range, logsOf.get(entry.span.spanId) ?? [])))),
          visible.length > rows && h('p', { class: 'more' }, h('button', { type: 'button', onclick: () => { rows += mostRows; draw(); } }, `Show ${count(Math.min(mostRows, visible.length - rows))} more of ${count(visible.length - rows)} spans`)),
          h('section', { class: 'trace-logs' }, h('h2', {}, 'Logs of this trace'),
            trace.logs.length === 0 ? h('p', { class: 'soft' }, 'Nothing was logged, or it is gone to make room.')
              : h('div', { 'data-testid': 'logs-of-trace' }, logTable('Logs of this trace', trace.logs.map(one => logRow(one, chosenLog === one.seq, () => chooseLog(chosenLog === one.seq ? null : one.seq))))))),
        span && details(span), log && logDetails(log, () => choose(null))));
  }

  function ticks(range) {
    const length = range.to - range.from;
    const share = event => {
      const box = event.currentTarget.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    };
    return h('div', { class: 'ticks', role: 'row' }, h('span', { role: 'columnheader' }, 'Span'),
      h('span', {
        class: 'axis', role: 'columnheader', 'aria-label': `Time, ${ms(range.from)} to ${ms(range.to)}`, title: 'Pull over a part to see it larger',
        onpointerdown: event => { pull = { from: share(event), to: share(event) }; event.currentTarget.setPointerCapture(event.pointerId); },
        onpointermove: event => { if (pull) { pull.to = share(event); draw(); } },
        onpointerup: () => {
          const [a, b] = [Math.min(pull?.from ?? 0, pull?.to ?? 0), Math.max(pull?.from ?? 0, pull?.to ?? 0)];
          pull = null;
          zoom(b - a > leastPull ? { from: range.from + a * length, to: range.from + b * length } : view);
        },
        onpointercancel: () => { pull = null; draw(); },
      },
      steps.map(step => h('span', { style: { left: `${step * 100}%` } }, ms(range.from + length * step))),
      pull && h('span', { class: 'pull', style: { left: `${Math.min(pull.from, pull.to) * 100}%`, width: `${Math.abs(pull.to - pull.from) * 100}%` } })));
  }

  function line({ span, depth, children, below }, range, logs) {
    const peer = peerOf(span);
    const length = range.to - range.from;
    const percent = offset => ((offset - range.from) / length) * 100;
    const [left, right] = [Math.max(0, percent(span.offsetMs)), Math.min(100, percent(span.offsetMs + span.durationMs))];
    const isThere = right >= 0 && left <= 100 && right >= left;
    const isFolded = collapsed.has(span.spanId);
    const failed = span.status === 'Error';
    const dim = needle && !`${span.name} ${span.resource} ${peer ?? ''} ${span.attributes.map(([, value]) => value).join(' ')}`.toLowerCase().includes(needle);
    const marks = [
      ...span.events.map(event => [event.offsetMs, event.name, 'event']),
      ...logs.map(log => [new Date(log.at) - new Date(trace.startedAt), `${log.level}: ${log.message}`, `log-mark ${log.level.toLowerCase()}`]),
    ].filter(([at]) => percent(at) >= 0 && percent(at) <= 100);
    return h('div', {
      class: `span ${failed ? 'error' : ''} ${chosen === span.spanId ? 'chosen' : ''} ${dim ? 'dim' : ''}`, role: 'row', 'data-key': span.spanId, 'data-testid': 'span', 'data-span-id': span.spanId, 'data-parent-id': span.parentId,
      'data-span-resource': span.resource, 'data-span-peer': peer ?? '', 'data-span-name': span.name, 'data-span-status': span.status,
      'aria-level': depth + 1, 'aria-expanded': children > 0 ? String(!isFolded) : null, 'aria-selected': String(chosen === span.spanId),
      onclick: event => { if (!event.target.closest('button') && String(getSelection()) === '') choose(chosen === span.spanId ? null : span.spanId); },
    },
    h('span', { class: 'span-name', role: 'rowheader', style: { 'padding-left': `${Math.min(depth, deepest) * indent}px` } },
      children > 0 ? h('button', {
        type: 'button', class: 'fold', 'aria-label': `Spans under ${span.name}`, 'aria-expanded': String(!isFolded),
        onclick: () => { collapsed[isFolded ? 'delete' : 'add'](span.spanId); draw(); },
      }, icon('right')) : h('span', { class: 'fold' }),
      h('button', { type: 'button', class: 'plain', 'data-opens': span.spanId, title: span.name, onclick: () => choose(chosen === span.spanId ? null : span.spanId) },
        h('span', { class: 'stripe', style: { background: colour(span.resource) } }),
        failed && h('span', { class: 'failed' }, icon('warning'), h('span', { class: 'unseen' }, 'Error: ')),
        h('span', { class: 'from' }, span.resource, peer && [' ', h('span', { class: 'to' }, `→ ${peer}`)]), h('span', { class: 'title' }, span.name),
        isFolded && below > 0 && h('span', { class: 'tag' }, `+${below}`))),
    h('span', { class: 'track', role: 'gridcell', 'aria-label': `after ${ms(span.offsetMs)}, takes ${ms(span.durationMs)}` },
      isThere && h('span', { class: `span-bar ${peer ? 'outgoing' : ''}`, style: { left: `${left.toFixed(3)}%`, width: `${(right - left).toFixed(3)}%`, '--own': colour(span.resource) } }),
      marks.map(([at, name, kind]) => h('span', { class: `mark ${kind}`, title: name, style: { left: `${percent(at).toFixed(3)}%` } })),
      isThere && h('span', { class: 'span-time num', style: right > 84 ? left > 16 ? { right: `${(100 - left).toFixed(3)}%` } : { right: '0', bottom: '0' } : { left: `${right.toFixed(3)}%` }, 'data-inside': right > 84 && left <= 16 ? 'true' : null }, ms(span.durationMs))));
  }

  /** Up and down from span to span, left and right to close and open what is under it; as in any tree. */
  function move(event) {
    const row = event.target.closest('.span');
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    const spanId = row.dataset.spanId;
    if (to) {
      to.querySelector('[data-opens]').focus();
      if (chosen !== null) choose(to.dataset.spanId);
    } else if (event.key === 'ArrowLeft' && row.getAttribute('aria-expanded') === 'true') {
      collapsed.add(spanId);
      draw();
    } else if (event.key === 'ArrowRight' && row.getAttribute('aria-expanded') === 'false') {
      collapsed.delete(spanId);
      draw();
    } else {
      return;
    }
    event.preventDefault();
  }

  function details(span) {
    const peer = peerOf(span);
    const logs = trace.logs.filter(log => log.spanId === span.spanId);
    return drawer('Span', { kicker: [span.resource, peer && ` → ${peer}`].filter(Boolean).join(''), heading: span.name, onclose: () => choose(null), testId: 'span-details', key: `span-${span.spanId}` },
      span.status === 'Error' && h('p', { class: 'trouble' }, icon('warning'), span.statusMessage || 'This span failed.'),
      h('div', { class: 'commands' }, span.durationMs > 0 && h('button', { type: 'button', onclick: () => zoom({ from: span.offsetMs, to: span.offsetMs + span.durationMs }) }, 'Zoom in'),
        span.parentId && trace.spans.some(one => one.spanId === span.parentId) && h('button', { type: 'button', onclick: () => choose(span.parentId) }, 'Parent'),
        h('a', { class: 'button', href: link('logs', { trace: trace.traceId, resource: span.resource }) }, 'Logs')),
      section('Span', pairs('The span', [
        ['starts after', ms(span.offsetMs)], ['takes', ms(span.durationMs)], ['kind', span.kind], ['status', span.status], ['replica', span.replica], ['source', span.scope],
        ['span id', [span.spanId, copier(span.spanId, 'span id')]], ...(span.parentId ? [['parent', trace.spans.some(one => one.spanId === span.parentId) ? span.parentId : `${span.parentId} (isn’t here)`]] : []),
      ])),
      section('Attributes', span.attributes.length > 0 ? pairs('Attributes of the span', span.attributes) : h('p', { class: 'soft' }, 'None.')),
      span.events.length > 0 && section(plural(span.events.length, 'event'), span.events.map(event => h('details', { class: 'item', open: span.events.length < 4 }, h('summary', {}, h('b', {}, event.name), h('span', { class: 'soft num' }, ` after ${ms(event.offsetMs)}`)), event.attributes.length > 0 && pairs(`Attributes of ${event.name}`, event.attributes)))),
      span.links.length > 0 && section(plural(span.links.length, 'link'), h('ul', { class: 'plain-list' }, span.links.map(one => h('li', {},
        h('a', { class: 'mono', href: link(`traces/${one.traceId}`, { span: one.spanId }), 'data-testid': 'span-link' }, one.traceId === trace.traceId ? `span ${shortId(one.spanId)} of this trace` : `trace ${shortId(one.traceId)}, span ${shortId(one.spanId)}`),
        one.attributes.length > 0 && pairs('Attributes of the link', one.attributes))))),
      logs.length > 0 && section(plural(logs.length, 'log record'), h('ul', { class: 'plain-list' }, logs.map(log => h('li', {}, h('span', { class: 'num soft' }, `${time(log.at)} `), h('span', { class: `level ${log.level.toLowerCase()}` }, log.level), ' ', h('button', { type: 'button', class: 'plain linkish', onclick: () => chooseLog(log.seq) }, log.message))))));
  }
}

const fact = (name, value, kind = '') => h('div', {}, h('dt', {}, name), h('dd', { class: `num ${kind}` }, value));

const rootOf = trace => trace.spans.find(span => !span.parentId) ?? trace.spans[0];

/** Spans by their parents; what has no parent here is a root. */
function treeOf(spans) {
  const known = new Set(spans.map(span => span.spanId));
  return { children: Map.groupBy(spans.toSorted((a, b) => a.offsetMs - b.offsetMs), span => (known.has(span.parentId) && span.parentId !== span.spanId ? span.parentId : null)) };
}

/** Parents before children, without what is folded away. */
function walk({ children }, collapsed) {
  const ordered = [];
  const below = spanId => (children.get(spanId) ?? []).reduce((sum, span) => sum + 1 + below(span.spanId), 0);
  const visit = (parent, depth) => {
    for (const span of children.get(parent) ?? []) {
      const isFolded = collapsed.has(span.spanId);
      ordered.push({ span, depth, children: children.get(span.spanId)?.length ?? 0, below: isFolded ? below(span.spanId) : 0 });
      if (!isFolded) visit(span.spanId, depth + 1);
    }
  };
  visit(null, 0);
  return ordered;
}

/** Who stands at the other end of a span: a database, a broker, another service; null when nobody does. */
export function peerOf(span) {
  const get = name => span.attributes.find(([key]) => key === name)?.[1];
  return get('db.system.name') ?? get('db.system') ?? get('messaging.system') ?? get('peer.service') ?? (span.kind === 'Client' ? get('server.address') ?? null : null);
}
