// Elements, and bringing what is shown up to date without disturbing whoever is in the middle of a click.
// Data only ever becomes text, never markup.

const svgTags = new Set(['svg', 'g', 'path', 'line', 'rect', 'circle', 'text', 'tspan', 'polyline', 'polygon', 'marker', 'defs', 'title', 'svg:a']);
const svgNamespace = 'http://www.w3.org/2000/svg';
const handlers = new WeakMap();

/**
 * h('a', { href }, 'text', child, …): an element. `on…` attributes are listeners, `style` is an object of properties;
 * attributes and children that are null, undefined or false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = svgTags.has(tag) ? document.createElementNS(svgNamespace, tag.replace('svg:', '')) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) listen(element, name, value);
    else if (name === 'style') for (const [property, to] of Object.entries(value)) element.style.setProperty(property, to);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...shown(children).map(stay));
  return element;
}

// An element that is on the page already, such as a field somebody types in, must not leave it while its new surroundings are made:
// something else stands there for it until then.
const standIns = new WeakMap();

function stay(child) {
  if (!(child instanceof Node) || !child.isConnected) return child;
  const standIn = document.createComment('');
  standIns.set(standIn, child);
  return standIn;
}

function settleIn(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  for (const standIn of found) standIn.replaceWith(standIns.get(standIn));
}

// As properties, not as listeners: an element that stays takes over those of the one that would have replaced it.
function listen(element, name, handler) {
  element[name] = handler;
  handlers.set(element, [...(handlers.get(element) ?? []), name]);
}

const shown = children => children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false);

/**
 * Makes `parent` contain `children`, keeping the elements that are there already: focus, selection, scroll positions and half-made
 * clicks survive. Elements with a `data-key` are found again wherever they went; the same element given again is left alone.
 */
export function render(parent, ...children) {
  const wanted = shown(children).map(child => (child instanceof Node ? standIns.get(child) ?? child : document.createTextNode(child)));
  const keys = new Set(wanted.map(keyOf).filter(key => key !== undefined));
  const known = new Map([...parent.childNodes].filter(child => keyOf(child) !== undefined).map(child => [keyOf(child), child]));
  let at = parent.firstChild;
  for (const next of wanted) {
    while (at && keyOf(at) !== undefined && !keys.has(keyOf(at))) at = removed(at);
    const key = keyOf(next);
    const old = key !== undefined ? known.get(key) : at && keyOf(at) === undefined ? at : null;
    if (!old || old.nodeName !== next.nodeName) {
      parent.insertBefore(next, at);
      settleIn(next);
      continue;
    }
    if (old === at) at = at.nextSibling;
    else parent.insertBefore(old, at);
    if (old !== next) morph(old, next);
  }
  while (at) at = removed(at);
}

const keyOf = node => node.dataset?.key;

function removed(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

function morph(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // Whether a disclosure is open belongs to who opened it.
    if (name !== 'style' && !next.hasAttribute(name) && !(old.nodeName === 'DETAILS' && name === 'open')) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // The security policy forbids the attribute, not the property.
  if (old.style.cssText !== next.style.cssText) old.style.cssText = next.style.cssText;
  for (const name of handlers.get(old) ?? []) old[name] = null;
  for (const name of handlers.get(next) ?? []) old[name] = next[name];
  handlers.set(old, handlers.get(next) ?? []);
  render(old, [...next.childNodes]);
}

// ---------- Parts that several pages use ----------

const icons = {
  start: ['M5 3.5v9l7.5-4.5z'],
  stop: ['M4 4h8v8H4z'],
  restart: ['M12.9 8a4.9 4.9 0 1 1-1.6-3.6', 'M12.9 1.9v2.9H10'],
  kill: ['M9 1.8 3.6 9H8l-1 5.2L12.4 7H8z'],
  reset: ['M3 4.5h10', 'M6 4.5V3h4v1.5', 'M4.5 4.5l.6 8.5h5.8l.6-8.5'],
  console: ['M2.5 3h11v10h-11z', 'M5 6l2 2-2 2', 'M8.5 10.5H11'],
  logs: ['M3 4h10', 'M3 8h10', 'M3 12h6'],
  traces: ['M2.5 4H9', 'M5.5 8h6', 'M9 12h4.5'],
  metrics: ['M2.5 12.5l3.4-4.6 2.8 2.4 4.8-6.8'],
  close: ['M4 4l8 8', 'M12 4l-8 8'],
  right: ['M6 3.5l4.5 4.5L6 12.5'],
  up: ['M3.5 10L8 5.5 12.5 10'],
  down: ['M3.5 6L8 10.5 12.5 6'],
  download: ['M8 2.5v7.5', 'M4.8 7L8 10.2 11.2 7', 'M3 13h10'],
  copy: ['M6 6h7v7.5H6z', 'M3.5 10.5V2.5h7'],
  warning: ['M8 2.2L14.3 13H1.7z', 'M8 6.3v3', 'M8 11.2v.3'],
  external: ['M6.5 3.5h-3v9h9v-3', 'M9 3h4v4', 'M13 3L7.5 8.5'],
  project: ['M5.5 4.5L2.5 8l3 3.5', 'M10.5 4.5l3 3.5-3 3.5'],
  database: ['M3 4c0-1 2.2-1.8 5-1.8S13 3 13 4s-2.2 1.8-5 1.8S3 5 3 4z', 'M3 4v8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4', 'M3 8c0 1 2.2 1.8 5 1.8S13 9 13 8'],
  cache: ['M8 2.2l6 3-6 3-6-3z', 'M2 8.2l6 3 6-3', 'M2 11l6 3 6-3'],
  messages: ['M2.5 3.5h11v9h-11z', 'M2.5 4.5L8 9l5.5-4.5'],
  parameter: ['M5.2 10.8a3 3 0 1 1 2.5-4.3h6v3h-1.7V8h-1.6v1.5H7.7a3 3 0 0 1-2.5 1.3z'],
  box: ['M8 2l5.5 3v6L8 14l-5.5-3V5z', 'M2.5 5L8 8l5.5-3', 'M8 8v6'],
};
const iconOfType = { project: 'project', postgres: 'database', database: 'database', redis: 'cache', rabbitmq: 'messages', parameter: 'parameter' };

export const icon = name => h('svg', { class: `icon icon-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, icons[name].map(d => h('path', { d })));
export const typeIcon = type => icon(iconOfType[type] ?? 'box');
export const typePaths = type => icons[iconOfType[type] ?? 'box'];

export const empty = (title, hint) => h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), h('p', {}, hint));

export const loading = () => h('div', { class: 'loading', role: 'status' }, h('span', { class: 'unseen' }, 'Loading'), ...[70, 92, 84, 60, 88].map(width => h('span', { class: 'bone', style: { width: `${width}%` } })));

export const field = (label, control, key = label) => h('label', { class: 'field', 'data-key': key }, h('span', {}, label), control);

/** A select that is made once; `fill` changes what can be chosen. */
export function select(options, value, onchange, attributes = {}) {
  const element = h('select', { onchange: () => onchange(element.value), 'data-key': attributes.id ?? 'select', ...attributes });
  fill(element, options, value);
  return element;
}

/** Puts [value, text] pairs into a select. */
export function fill(element, options, value = element.value) {
  const wanted = JSON.stringify(options);
  if (element.dataset.options !== wanted) {
    element.dataset.options = wanted;
    element.replaceChildren(...options.map(([key, text]) => h('option', { value: key }, text)));
  }
  if (element.value !== value) element.value = value;
}

/** Calls once nobody has called for a moment: what is typed is looked up when the typing pauses. */
export function settled(action, milliseconds = 250) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}

/** columns: [text or { text, class }]; rows: elements. The roles stay when a narrow window shows the rows as cards. */
export function table(label, columns, rows, attributes = {}) {
  return h('table', { role: 'table', ...attributes, class: `list ${attributes.class ?? ''}` }, h('caption', { class: 'unseen' }, label),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, columns.map(column => h('th', { scope: 'col', role: 'columnheader', class: column.class }, column.text ?? column)))),
    h('tbody', { role: 'rowgroup' }, rows));
}

export const cell = (attributes, ...children) => h('td', { role: 'cell', ...attributes }, ...children);

/** [[name, value]] as a list of two columns. */
export const pairs = (label, entries) => h('table', { class: 'pairs' }, h('caption', { class: 'unseen' }, label),
  h('tbody', {}, entries.map(([key, value]) => h('tr', {}, h('th', { scope: 'row' }, breakable(key)), h('td', {}, value)))));

/** What stands beside a list once something in it is chosen; on a phone it covers the page. */
export function drawer(label, { kicker, heading, onclose, testId, key }, ...children) {
  return h('aside', { class: 'drawer', 'aria-label': label, 'data-key': `drawer-${key}`, 'data-testid': testId },
    h('div', { class: 'drawer-head' },
      h('div', {}, kicker && h('p', { class: 'kicker' }, kicker), h('h2', { tabindex: '-1' }, heading)),
      h('button', { type: 'button', class: 'icon-button', onclick: onclose, 'aria-label': 'Close', 'data-testid': 'drawer-close' }, icon('close'))),
    h('div', { class: 'drawer-body', tabindex: '0', role: 'group', 'aria-label': `${label}, contents` }, children));
}

export const section = (heading, ...children) => h('section', { class: 'part' }, h('h3', {}, heading), children);

export const dot = name => h('span', { class: 'dot', style: { background: colour(name) }, 'aria-hidden': 'true' });

/** State and health as a coloured word; the colour is never all there is. */
export function state(one) {
  const word = stateWord(one);
  return h('span', { class: `state ${stateKind(one)}` }, word === 'FailedToStart' ? 'Failed to start' : word);
}

export const stateWord = one => (one.state === 'Running' && one.health ? one.health : one.state);

const kinds = { Healthy: 'good', Running: 'good', Finished: 'idle', Degraded: 'warn', Starting: 'busy', Waiting: 'busy', Stopping: 'busy', Unhealthy: 'bad', FailedToStart: 'bad', Exited: 'bad' };
export const stateKind = one => kinds[stateWord(one)] ?? 'idle';

const leastSamples = 5;

/** A few numbers as a small line. */
export function sparkline(values) {
  if (values.length < leastSamples) return null;
  const [width, height] = [56, 16];
  const highest = Math.max(...values) * 1.25 || 1;
  const points = values.map((value, index) => `${((index / (values.length - 1)) * width).toFixed(1)},${(height - 1.5 - (value / highest) * (height - 3)).toFixed(1)}`);
  return h('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    h('polygon', { points: `0,${height} ${points.join(' ')} ${width},${height}` }), h('polyline', { points: points.join(' ') }));
}

/** A dotted name, which may break after its dots. */
export const breakable = name => name.split(/(?<=[._/-])/).flatMap((part, index) => (index > 0 ? [h('wbr'), part] : [part]));

/** Text with what was searched for marked in it. */
export function marked(text, needle) {
  if (!needle) return [text];
  const [parts, lower, sought] = [[], text.toLowerCase(), needle.toLowerCase()];
  let from = 0;
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, from)) {
    if (at > from) parts.push(text.slice(from, at));
    parts.push(h('mark', {}, text.slice(at, at + needle.length)));
    from = at + needle.length;
  }
  return [...parts, text.slice(from)];
}

// ---------- Colours ----------

const colours = 12;
const slots = new Map();

/** A resource keeps its colour on all pages; no two share one while there are enough. */
export function colour(name) {
  if (!slots.has(name)) slots.set(name, slots.size % colours);
  return `var(--series-${slots.get(name)})`;
}

export const seriesColour = index => `var(--series-${index % colours})`;

// ---------- Numbers and times ----------

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export const time = at => clock.format(new Date(at));
export const timeShort = at => shortClock.format(new Date(at));
export const moment = at => (at ? day.format(new Date(at)) : '–');

export function ms(value) {
  if (value === 0) return '0 ms';
  if (value < 1) return `${Math.round(value * 1000)} µs`;
  if (value < 1000) return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
  return value < 60_000 ? `${(value / 1000).toFixed(2)} s` : `${Math.floor(value / 60_000)} min ${Math.round((value % 60_000) / 1000)} s`;
}

/** How long ago: 42 s, 3 min 05 s, 2 h 10 min, 3 d 4 h. */
export function since(at) {
  const seconds = Math.max(0, Math.floor((Date.now() - new Date(at)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

const [kibi, mebi, gibi] = [2 ** 10, 2 ** 20, 2 ** 30];
export function bytes(value) {
  if (value === null || value === undefined) return '–';
  if (value >= gibi) return `${(value / gibi).toFixed(2)} GiB`;
  return value >= mebi ? `${(value / mebi).toFixed(value < 10 * mebi ? 1 : 0)} MiB` : `${Math.round(value / kibi)} KiB`;
}

export const count = value => value.toLocaleString('en');
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** To three digits, and as short. */
export function number(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(3))} G`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return size < 1e-4 ? value.toExponential(1) : `${Number(value.toPrecision(3))}`;
}

/** A measured value with its unit, in the size that reads best. */
export function measure(value, unit) {
  if (value === null || value === undefined) return '–';
  if (unit === 's') return ms(value * 1000);
  if (unit === 'ms') return ms(value);
  if (unit === 'By') return bytes(value);
  if (unit === 'By/s') return `${bytes(value)}/s`;
  if (unit === '/s') return `${number(value)}/s`;
  return unit ? `${number(value)} ${unit}` : number(value);
}

export const shortId = id => id.slice(0, 8);
