// The frame: which page is shown, and asking the server again every second while somebody looks.
import { h, bytes, count } from '/dom.js';
import * as resources from '/pages/resources.js';
import * as graph from '/pages/graph.js';
import * as consolePage from '/pages/console.js';
import * as logs from '/pages/logs.js';
import * as traces from '/pages/traces.js';
import * as trace from '/pages/trace.js';
import * as metrics from '/pages/metrics.js';

const pages = { resources, graph, console: consolePage, logs, traces, trace, metrics };
const refreshMilliseconds = 1000;
const main = document.querySelector('#main');
const pause = document.querySelector('#pause');
let current = null;
let generation = 0;

/** Asks the server; null for 404. */
export async function ask(path, options) {
  const answer = await fetch(path, options);
  if (answer.status === 401) location.assign('/login');
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** A page's address: #/traces?text=… */
export function link(page, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false));
  return `#/${page}${query.size ? `?${query}` : ''}`;
}

/** Keeps filters in the address without making a step in the history. */
export function keep(page, parameters) {
  history.replaceState(null, '', link(page, parameters));
  refresh();
}

export async function confirm(title, text, verb) {
  const dialog = document.querySelector('#confirm');
  document.querySelector('#confirm-title').textContent = title;
  document.querySelector('#confirm-text').textContent = text;
  document.querySelector('#confirm-yes').textContent = verb;
  dialog.returnValue = 'cancel';
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  return dialog.returnValue === 'yes';
}

let noticeTimer = 0;
export function notify(text) {
  const notice = document.querySelector('#notice');
  notice.textContent = text;
  notice.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, 6000);
}

export async function refresh() {
  if (!current) return;
  const { update } = current;
  try {
    await update();
    await showSummary();
    document.querySelector('#gone').hidden = true;
  } catch (error) {
    if (!(error instanceof TypeError) && !/answers 5/.test(error.message)) throw error;
    document.querySelector('#gone').hidden = false;
  }
}

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  const key = name === 'traces' && id ? 'trace' : name in pages ? name : 'resources';
  const parameters = Object.fromEntries(new URLSearchParams(query));
  if (id) parameters.id = decodeURIComponent(id);
  generation++;
  const root = h('div', { class: 'page' }, h('p', { class: 'loading' }, 'Loading …'));
  main.replaceChildren(root);
  document.title = `${pages[key].title} – ${document.querySelector('#application').textContent}`;
  for (const anchor of document.querySelectorAll('nav a')) {
    const shown = anchor.dataset.page === (key === 'trace' ? 'traces' : key);
    anchor.toggleAttribute('aria-current', shown);
    if (shown) anchor.setAttribute('aria-current', 'page');
  }
  current = { update: pages[key].mount(root, parameters) };
  loop(generation);
}

async function loop(own) {
  while (own === generation) {
    if (!current.shown || (!document.hidden && pause.getAttribute('aria-pressed') === 'false')) {
      current.shown = true;
      await refresh();
    }
    await new Promise(resolve => setTimeout(resolve, refreshMilliseconds));
  }
}

async function showSummary() {
  const summary = await ask('/api/summary');
  document.querySelector('#application').textContent = summary.application;
  const { spans, logs: records, points } = summary;
  const left = spans.sampledOut + spans.evicted + records.evicted + points.dropped;
  document.querySelector('#summary').replaceChildren(...[
    h('span', {}, `${count(spans.received)} spans, ${count(records.received)} log records, ${count(points.received)} points received`),
    h('span', {}, `${bytes(summary.memoryBytes)} of ${bytes(summary.memoryLimitBytes)} kept`),
    summary.sampling.ratio < 1 && h('strong', {}, `Busy: ${(summary.sampling.ratio * 100).toFixed(0)} % of traces are kept, and all errors and slow ones`),
    left > 0 && h('span', { 'data-testid': 'dropped' }, `${count(spans.sampledOut)} spans left out, ${count(spans.evicted + records.evicted + points.dropped)} items gone to make room`),
  ].filter(Boolean));
}

pause.addEventListener('click', () => {
  const paused = pause.getAttribute('aria-pressed') !== 'true';
  pause.setAttribute('aria-pressed', paused);
  pause.textContent = paused ? 'Resume' : 'Pause';
});
window.addEventListener('hashchange', route);
route();
