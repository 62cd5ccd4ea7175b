import { h, render, empty, field, fill, icon, marked, plural, select, settled, time } from '/dom.js';
import { ask, keep } from '/frame.js';

export const title = 'Console';

/** As many as a browser scrolls smoothly; the download has all. */
const mostLines = 2000;
const nearEnd = 30;

export function mount(root, parameters) {
  const choice = { resource: parameters.resource ?? '', replica: parameters.replica ?? '', text: parameters.text ?? '' };
  let lines = [];
  let next = null;
  let current = null;
  let follows = true;
  let waiting = 0;
  let generation = 0;

  const remember = () => keep('console', choice);
  const list = h('ol', { class: 'console', tabindex: '0', 'aria-label': 'What it printed', 'data-testid': 'console', onscroll: onScroll });
  const chooser = select([['', '…']], '', value => { choice.resource = value; choice.replica = ''; remember(); begin(); }, { id: 'resource' });
  const replicas = select([['', 'All']], '', value => { choice.replica = value; remember(); redraw(); }, { id: 'replica' });
  const search = h('input', {
    type: 'search', id: 'console-text', value: choice.text, placeholder: 'Find', oninput: settled(() => { choice.text = search.value; remember(); current = null; redraw(); step(0); }, 150),
    onkeydown: event => { if (event.key === 'Enter') { event.preventDefault(); step(event.shiftKey ? -1 : 1); } },
  });
  const hits = h('span', { class: 'hits num', role: 'status', 'data-testid': 'hits' });
  const download = h('a', { class: 'button', download: true, 'data-testid': 'download' }, icon('download'), 'Download');
  const newest = h('button', { type: 'button', class: 'newest', hidden: true, onclick: () => { follows = true; toEnd(); } }, icon('down'), h('span', {}, 'Newest'));
  const replicaField = field('Replica', replicas);
  const times = h('input', { type: 'checkbox', id: 'times', checked: true, onchange: () => list.classList.toggle('no-times', !times.checked) });
  const wrap = h('input', { type: 'checkbox', id: 'wrap', checked: true, onchange: () => list.classList.toggle('no-wrap', !wrap.checked) });
  root.replaceChildren(
    h('div', { class: 'page-head' }, h('h1', {}, 'Console'), h('div', { class: 'filters' },
      field('Resource', chooser), replicaField,
      field('Search', h('span', { class: 'finder' }, search, h('button', { type: 'button', class: 'icon-button', onclick: () => step(-1), 'aria-label': 'Previous hit' }, icon('up')), h('button', { type: 'button', class: 'icon-button', onclick: () => step(1), 'aria-label': 'Next hit' }, icon('down')), hits)),
      h('label', { class: 'check' }, times, ' Times'), h('label', { class: 'check' }, wrap, ' Wrap'), download)),
    h('div', { class: 'console-frame' }, list, newest));

  return async () => {
    const resources = (await ask('/api/resources')).filter(one => one.replicas.length > 0);
    if (!resources.some(one => one.name === choice.resource)) choice.resource = (resources.find(one => one.name === 'apiservice') ?? resources[0])?.name ?? '';
    fill(chooser, resources.map(one => [one.name, one.name]), choice.resource);
    const names = resources.find(one => one.name === choice.resource)?.replicas.map(one => one.name) ?? [];
    replicaField.hidden = names.length < 2;
    fill(replicas, [['', 'All'], ...names.map(name => [name, name])], names.includes(choice.replica) ? choice.replica : '');
    if (!choice.resource) return render(list, h('li', { class: 'nothing' }, empty('No resource prints anything', 'Lines appear here as processes write them.')));

    const own = generation;
    const address = `/api/console/${encodeURIComponent(choice.resource)}`;
    download.href = `${address}/download`;
    const answer = await ask(next === null ? address : `${address}?after=${next}`);
    // Another resource may have been chosen meanwhile.
    if (own === generation && answer) add(answer);
  };

  function begin() {
    generation++;
    [lines, next, current, follows, waiting] = [[], null, null, true, 0];
    list.replaceChildren();
  }

  function add(answer) {
    const first = next === null;
    next = answer.next;
    const fresh = answer.lines.slice(-mostLines);
    if (fresh.length === 0 && !first) return;
    lines = [...lines, ...fresh].slice(-mostLines);
    list.querySelector('.nothing')?.remove();
    // Those above are taken away only while nobody reads there.
    list.append(...fresh.filter(isListed).map(show));
    if (follows) while (list.childElementCount > mostLines) list.firstElementChild.remove();
    if (list.childElementCount === 0) list.append(h('li', { class: 'nothing' }, empty('Nothing printed yet', 'Lines appear here as the process writes them.')));
    if (follows) toEnd();
    else {
      waiting += fresh.length;
      newest.querySelector('span').textContent = plural(waiting, 'new line');
      if (list.childElementCount > 2 * mostLines) redraw();
    }
    tell();
    if (first && choice.text) step(0);
  }

  function redraw() {
    const at = list.scrollTop;
    list.replaceChildren(...lines.filter(isListed).map(show));
    if (follows && !choice.text) toEnd();
    else list.scrollTop = at;
    tell();
  }

  function isListed(line) {
    return !choice.replica || line.replica === choice.replica;
  }

  function show({ seq, at, replica, text }) {
    const plain = text.replace(colourCodes, '');
    const parts = marked(plain, choice.text);
    return h('li', { class: [levelOf(plain), parts.length > 1 && 'hit', seq === current && 'current'].filter(Boolean).join(' '), 'data-seq': seq },
      h('time', {}, time(at)), replica && h('span', { class: `from from-${replicaIndex(replica)}` }, replica), h('span', { class: 'text' }, parts));
  }

  function onScroll() {
    follows = list.scrollTop + list.clientHeight >= list.scrollHeight - nearEnd;
    if (follows) waiting = 0;
    newest.hidden = follows;
    if (!follows && waiting === 0) newest.querySelector('span').textContent = 'Newest';
  }

  function toEnd() {
    list.scrollTop = list.scrollHeight;
    newest.hidden = true;
    waiting = 0;
  }

  function tell() {
    const found = choice.text ? [...list.querySelectorAll('.hit')] : [];
    const index = found.findIndex(line => line.classList.contains('current'));
    hits.textContent = !choice.text ? '' : found.length === 0 ? 'none' : `${index >= 0 ? `${index + 1} of ` : ''}${found.length}`;
    return { found, index };
  }

  /** To the next line that fits (1), the one before (-1), or from nowhere to the last (0). */
  function step(by) {
    const { found, index } = tell();
    if (found.length === 0) return;
    const to = index < 0 ? (by > 0 ? 0 : found.length - 1) : (index + by + found.length) % found.length;
    list.querySelector('.current')?.classList.remove('current');
    found[to].classList.add('current');
    current = Number(found[to].dataset.seq);
    found[to].scrollIntoView({ block: 'center' });
    tell();
  }
}

// ANSI: what a terminal would have painted.
const colourCodes = /\u001b\[[0-9;?]*[A-Za-z]/g;

const levelWidth = 80;
function levelOf(text) {
  const start = text.slice(0, levelWidth);
  if (/^\s*(fail|crit)\b|\b(ERROR|FATAL|PANIC)\b|\[error\]/.test(start)) return 'bad';
  if (/^\s*warn\b|\bWARNING\b|\[warning\]|^\S+ \S+ # /.test(start)) return 'warn';
  return /^\s*(dbug|trce)\b|\[debug\]/.test(start) ? 'faint' : null;
}

const replicaIndex = name => (Number(/(\d+)$/.exec(name)?.[1] ?? 1) - 1) % 4;
