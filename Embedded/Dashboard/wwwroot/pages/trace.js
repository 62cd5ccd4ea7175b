import { h, colour, dot, empty, ms, moment, pairs, shortId } from '/dom.js';
import { ask } from '/dashboard.js';
import { logLink, rows } from '/pages/logs.js';

export const title = 'Trace';

export function mount(root, { id }) {
  const collapsed = new Set();
  const openLogs = new Set();
  let chosen = null;
  let shown = '';
  const update = async () => {
    const trace = await ask(`/api/traces/${encodeURIComponent(id)}`);
    if (!trace) {
      root.replaceChildren(h('h1', {}, 'Trace'), empty('This trace isn’t here', 'It was never kept, or it is gone to make room for newer ones.'), h('p', {}, h('a', { href: '#/traces' }, 'All traces')));
      return;
    }
    const text = JSON.stringify([trace, [...collapsed], [...openLogs], chosen]);
    if (text === shown) return;
    shown = text;
    draw(trace);
  };
  const again = () => { shown = ''; update(); };
  return update;

  function draw(trace) {
    const ordered = tree(trace.spans, collapsed);
    const root0 = ordered[0]?.span;
    const resources = [...new Set(trace.spans.map(span => span.resource))];
    const focused = document.activeElement?.dataset?.focus;
    root.replaceChildren(
      h('p', { class: 'crumbs' }, h('a', { href: '#/traces' }, 'Traces'), ' / ', shortId(trace.traceId)),
      h('h1', {}, root0.name),
      h('p', { class: 'soft' }, `${moment(trace.startedAt)} · ${ms(trace.durationMs)} · ${trace.spans.length} spans · ${resources.length} resources · `, h('a', { href: logLink(trace.traceId), 'data-testid': 'trace-logs' }, `${trace.logs.length} log records`)),
      h('p', {}, resources.map(name => h('span', { class: 'chip' }, dot(name), name))),
      h('div', { class: 'waterfall', role: 'table', 'aria-label': 'Spans', 'data-testid': 'waterfall' },
        h('div', { class: 'ticks', role: 'row' }, h('span', { role: 'columnheader' }, 'Span'), h('span', { class: 'axis', role: 'columnheader', 'aria-label': 'Time' }, [0, 0.25, 0.5, 0.75, 1].map(part => h('span', { style: { left: `${part * 100}%` } }, ms(trace.durationMs * part))))),
        ordered.map(entry => line(entry, trace))),
      h('h2', {}, 'Logs of this trace'),
      trace.logs.length === 0 ? h('p', { class: 'soft' }, 'Nothing was logged.') : h('div', { class: 'scroll' }, h('table', { class: 'list', 'data-testid': 'logs-of-trace' },
        h('thead', {}, h('tr', {}, ['Time', 'Resource', 'Level', 'Message', 'Trace'].map(heading => h('th', { scope: 'col' }, heading)))),
        h('tbody', {}, trace.logs.flatMap(log => rows(log, openLogs, again))))));
    if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  function line({ span, depth, children }, trace) {
    const peer = peerOf(span);
    const total = trace.durationMs || 1;
    const isChosen = chosen === span.spanId;
    return h('div', { class: 'span-group' },
      h('div', { class: `span ${span.status === 'Error' ? 'error' : ''}`, role: 'row', 'data-testid': 'span', 'data-span-resource': span.resource, 'data-span-peer': peer ?? '', 'data-span-name': span.name },
        h('span', { class: 'span-name', role: 'cell', style: { paddingLeft: `${Math.min(depth, 12) * 14}px` } },
          children > 0 ? h('button', { type: 'button', class: 'plain fold', 'data-focus': `fold-${span.spanId}`, 'aria-expanded': String(!collapsed.has(span.spanId)), 'aria-label': `Spans under ${span.name}`,
            onclick: () => { collapsed[collapsed.has(span.spanId) ? 'delete' : 'add'](span.spanId); again(); } }, collapsed.has(span.spanId) ? '▸' : '▾') : h('span', { class: 'fold' }),
          h('button', { type: 'button', class: 'plain', 'data-focus': `span-${span.spanId}`, 'aria-expanded': String(isChosen), onclick: () => { chosen = isChosen ? null : span.spanId; again(); } },
            dot(span.resource), h('span', { class: 'soft' }, peer ? `${span.resource} → ${peer} ` : `${span.resource} `), span.name, span.status === 'Error' && h('span', { class: 'state bad' }, 'error'))),
        h('span', { class: 'track', role: 'cell' },
          h('span', { class: 'span-bar', style: { left: `${clamp(span.offsetMs / total)}%`, width: `${Math.max(0.3, clamp(span.durationMs / total))}%`, background: colour(span.resource) } }),
          span.events.map(event => h('span', { class: 'mark', title: event.name, style: { left: `${clamp(event.offsetMs / total)}%` } })),
          trace.logs.filter(log => log.spanId === span.spanId).map(log => h('span', { class: 'mark log-mark', title: log.message, style: { left: `${clamp((new Date(log.at) - new Date(trace.startedAt)) / total)}%` } })),
          h('span', { class: 'span-time num', style: span.offsetMs / total > 0.6 ? { right: `${100 - clamp(span.offsetMs / total)}%` } : { left: `${clamp((span.offsetMs + span.durationMs) / total)}%` } }, ms(span.durationMs)))),
      isChosen && details(span));
  }

  function details(span) {
    return h('div', { class: 'span-details', 'data-testid': 'span-details' },
      pairs([['span', span.spanId], ['kind', span.kind], ['resource', span.replica], ['source', span.scope], ['starts after', ms(span.offsetMs)], ['takes', ms(span.durationMs)],
        ['status', span.statusMessage ? `${span.status}: ${span.statusMessage}` : span.status], ...span.attributes], `Attributes of ${span.name}`),
      span.events.length > 0 && [h('h3', {}, 'Events'), span.events.map(event => h('div', {}, h('p', {}, `${event.name} after ${ms(event.offsetMs)}`), pairs(event.attributes, event.name)))],
      span.links.length > 0 && [h('h3', {}, 'Links'), h('ul', {}, span.links.map(linked => h('li', {}, h('a', { href: `#/traces/${linked.traceId}` }, `Trace ${shortId(linked.traceId)}`), ` span ${linked.spanId}`)))]);
  }
}

const clamp = part => Math.min(100, Math.max(0, part * 100));

/** Spans with their depth, parents before children; what has no parent here is a root. */
function tree(spans, collapsed) {
  const known = new Set(spans.map(span => span.spanId));
  const children = Map.groupBy(spans, span => (known.has(span.parentId) ? span.parentId : null));
  const ordered = [];
  const visit = (parent, depth) => {
    for (const span of children.get(parent) ?? []) {
      const below = (children.get(span.spanId) ?? []).length;
      ordered.push({ span, depth, children: below });
      if (!collapsed.has(span.spanId)) visit(span.spanId, depth + 1);
    }
  };
  visit(null, 0);
  return ordered;
}

/** The server that a client's span is about. */
function peerOf(span) {
  const get = name => span.attributes.find(([key]) => key === name)?.[1];
  return get('db.system.name') ?? get('db.system') ?? get('messaging.system') ?? get('peer.service') ?? (span.kind === 'Client' ? get('server.address') ?? null : null);
}
