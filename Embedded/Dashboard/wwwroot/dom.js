// Elements and numbers. Data only ever becomes text, never markup.

/** h('a', { href }, 'text', child, …): an element. `on…` attributes are listeners; false and null are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = tag === 'svg' || svgTags.has(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

const svgTags = new Set(['g', 'path', 'line', 'rect', 'circle', 'text', 'polyline', 'marker', 'defs', 'title']);

export const empty = (title, hint) => h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), h('p', {}, hint));

export const field = (label, control) => h('label', { class: 'field' }, h('span', {}, label), control);

export function select(options, value, onchange, attributes = {}) {
  const element = h('select', { onchange: () => onchange(element.value), ...attributes });
  fill(element, options, value);
  return element;
}

/** Puts options into a select, keeping the choice. */
export function fill(element, options, value = element.value) {
  const wanted = JSON.stringify(options);
  if (element.dataset.options !== wanted) {
    element.dataset.options = wanted;
    element.replaceChildren(...options.map(([key, text]) => h('option', { value: key }, text)));
  }
  element.value = value;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
export const time = iso => clock.format(new Date(iso));
export const moment = iso => (iso ? day.format(new Date(iso)) : '–');

export function ms(value) {
  if (value < 1) return `${(value * 1000).toFixed(0)} µs`;
  if (value < 1000) return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
  return value < 60000 ? `${(value / 1000).toFixed(2)} s` : `${Math.floor(value / 60000)} min ${Math.round((value % 60000) / 1000)} s`;
}

export const bytes = value => (value === null ? '–' : value >= 1 << 30 ? `${(value / (1 << 30)).toFixed(1)} GiB` : `${(value / (1 << 20)).toFixed(0)} MiB`);
export const count = value => value.toLocaleString('en');

export function number(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  return size === 0 ? '0' : size >= 1e6 ? `${(value / 1e6).toPrecision(3)} M` : size >= 1000 ? Math.round(value).toLocaleString('en') : `${Number(value.toPrecision(3))}`;
}

/** A resource keeps its colour on all pages. */
export function colour(name) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 9973;
  return `var(--series-${hash % 8})`;
}

export const dot = name => h('span', { class: 'dot', style: { background: colour(name) }, 'aria-hidden': 'true' });

export const shortId = id => id.slice(0, 8);

export const pairs = (entries, label) => h('table', { class: 'pairs' }, h('caption', { class: 'unseen' }, label),
  h('tbody', {}, entries.map(([key, value]) => h('tr', {}, h('th', { scope: 'row' }, key), h('td', {}, value)))));
