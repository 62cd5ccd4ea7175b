// The frame: which page is shown, and asking the server again every second while somebody looks.
import { h, render, loading, bytes, colour, count, number, plural } from '/dom.js';
import { Unanswered, ask } from '/frame.js';
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
const themes = document.querySelector('#theme');
const trouble = document.querySelector('#gone');

let update = null;
let generation = 0;
let shownAddress = '';
let wake = () => {};
let paused = false;
let application = '';

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  const key = name === 'traces' && id ? 'trace' : name in pages ? name : 'resources';
  const parameters = Object.fromEntries(new URLSearchParams(query));
  if (id) parameters.id = decodeURIComponent(id);
  const root = h('div', { class: `page page-${key}` }, loading());
  main.replaceChildren(root);
  main.scrollTop = 0;
  entitle(pages[key].title);
  for (const anchor of document.querySelectorAll('nav.pages a')) {
    if (anchor.dataset.page === (key === 'trace' ? 'traces' : key)) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
  // Whoever doesn't see that the page is another one must hear it.
  if (shownAddress !== '' && shownAddress !== key) main.focus({ preventScroll: true });
  shownAddress = key;
  update = pages[key].mount(root, parameters, () => wake());
  loop(++generation);
}

function entitle(title) {
  document.title = application ? `${title} – ${application}` : title;
}

async function loop(own) {
  let first = true;
  while (own === generation) {
    if (first || (!document.hidden && !paused)) await refresh(own);
    first = false;
    await Promise.race([new Promise(resolve => setTimeout(resolve, refreshMilliseconds)), new Promise(resolve => { wake = () => { first = true; resolve(); }; })]);
  }
}

async function refresh(own) {
  try {
    // Colours go by the order of the resources: known before the first page is drawn.
    if (application === '') await meet();
    await update();
    await showSummary();
    trouble.hidden = true;
    document.body.classList.remove('stale');
  } catch (error) {
    if (own !== generation) return;
    document.body.classList.add('stale');
    trouble.hidden = false;
    trouble.textContent = error instanceof Unanswered ? 'The dashboard doesn’t answer; trying again …' : `This page failed: ${error.message}`;
    if (!(error instanceof Unanswered)) reportError(error);
  }
}

async function meet() {
  const [summary, all] = [await ask('/api/summary'), await ask('/api/resources')];
  for (const { name } of all) colour(name);
  application = summary.application;
  document.querySelector('#application').textContent = application;
  entitle(document.title);
}

/** Senders export every few seconds: a rate over less than that would jump. */
const rateMilliseconds = 10_000;
const leastMilliseconds = 2_000;
let summaries = [];

async function showSummary() {
  const summary = await ask('/api/summary');
  const { spans, logs: records, points } = summary;
  const now = performance.now();
  summaries = [...summaries.filter(one => now - one.now < rateMilliseconds), { summary, now }];
  const [oldest] = summaries;
  const [spanRate, logRate, pointRate] = ['spans', 'logs', 'points'].map(part => {
    if (now - oldest.now < leastMilliseconds) return '–';
    const rate = ((summary[part].received - oldest.summary[part].received) / (now - oldest.now)) * 1000;
    return number(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate));
  });
  const gone = spans.evicted + records.evicted + points.dropped;
  const share = summary.memoryBytes / summary.memoryLimitBytes;
  render(document.querySelector('#summary'),
    h('span', { class: 'live' }, paused ? 'Paused' : 'Live'),
    h('span', { class: 'flow', title: `${count(spans.received)} received` }, h('b', {}, spanRate), ' spans/s'),
    h('span', { class: 'flow', title: `${count(records.received)} received` }, h('b', {}, logRate), ' logs/s'),
    h('span', { class: 'flow', title: `${count(points.received)} received` }, h('b', {}, pointRate), ' points/s'),
    h('span', { class: 'flow wide-only' }, h('b', {}, count(spans.kept)), ' spans kept'),
    h('span', { class: 'memory' }, h('span', { class: 'gauge', 'aria-hidden': 'true' }, h('span', { style: { width: `${Math.min(100, share * 100).toFixed(1)}%` } })), `${bytes(summary.memoryBytes)} of ${bytes(summary.memoryLimitBytes)}`),
    (spans.sampledOut > 0 || gone > 0) && h('span', { class: 'dropped', 'data-testid': 'dropped' }, [
      spans.sampledOut > 0 && `${plural(spans.sampledOut, 'span')} sampled out`, gone > 0 && `${plural(gone, 'item')} gone to make room`].filter(Boolean).join(', ')));
  const sampling = document.querySelector('#sampling');
  sampling.hidden = summary.sampling.ratio >= 1;
  sampling.textContent = `Sampling: ${number(summary.sampling.ratio * 100)} % of traces kept, and all errors and slow ones`;
}

pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  pause.querySelector('span').textContent = paused ? 'Paused' : 'Pause';
  document.body.classList.toggle('paused', paused);
  document.querySelector('#summary .live')?.replaceChildren(paused ? 'Paused' : 'Live');
  if (!paused) wake();
});

const themeKey = 'dashboard.theme';
function wear(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themes.value = theme;
}
themes.addEventListener('change', () => {
  localStorage.setItem(themeKey, themes.value);
  wear(themes.value);
});
wear(localStorage.getItem(themeKey) ?? 'auto');

document.addEventListener('visibilitychange', () => { if (!document.hidden && !paused) wake(); });
window.addEventListener('hashchange', route);
route();
