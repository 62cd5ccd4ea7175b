import { h, empty, field, fill, select, time } from '/dom.js';
import { ask, keep } from '/dashboard.js';

export const title = 'Console';

const mostLines = 2000;

export function mount(root, parameters) {
  let resource = parameters.resource ?? '';
  let next = 0;
  let hit = -1;
  const lines = h('ol', { class: 'console', tabindex: '0', 'aria-label': 'What it printed', 'data-testid': 'console' });
  const chooser = select([['', '…']], '', value => { resource = value; clear(); keep('console', { resource }); }, { id: 'resource' });
  const search = h('input', { type: 'search', placeholder: 'Search', oninput: () => mark(true), onkeydown: event => { if (event.key === 'Enter') step(event.shiftKey ? -1 : 1); } });
  const hits = h('span', { class: 'soft', role: 'status' });
  const download = h('a', { class: 'button', download: true }, 'Download');
  root.replaceChildren(h('h1', {}, 'Console'),
    h('div', { class: 'filters' }, field('Resource', chooser), field('Search', search),
      h('button', { type: 'button', onclick: () => step(-1), 'aria-label': 'Previous hit' }, '↑'), h('button', { type: 'button', onclick: () => step(1), 'aria-label': 'Next hit' }, '↓'), hits, download),
    lines);

  return async () => {
    const names = (await ask('/api/resources')).filter(one => one.replicas.length > 0).map(one => one.name);
    if (!names.includes(resource)) resource = names.includes('apiservice') ? 'apiservice' : names[0] ?? '';
    fill(chooser, names.map(name => [name, name]), resource);
    download.href = `/api/console/${encodeURIComponent(resource)}/download`;
    const answer = resource && await ask(`/api/console/${encodeURIComponent(resource)}?after=${next}`);
    if (!answer) return;
    const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 24;
    if (next === 0) lines.replaceChildren();
    lines.append(...answer.lines.slice(-mostLines).map(show));
    while (lines.childElementCount > mostLines) lines.firstElementChild.remove();
    if (lines.childElementCount === 0) lines.append(h('li', {}, empty('Nothing printed yet', 'Lines appear here as the process writes them.')));
    else if (next === 0 || atEnd) lines.scrollTop = lines.scrollHeight;
    next = answer.next;
    if (answer.lines.length > 0) mark(false);
  };

  function clear() {
    next = 0;
    lines.replaceChildren();
  }

  function show({ at, replica, text }) {
    const level = /\b(fail|crit|error|FATAL|ERROR):?\b/.test(text.slice(0, 60)) ? 'bad' : /\bwarn(ing)?:?\b/i.test(text.slice(0, 60)) ? 'warn' : null;
    return h('li', { class: level }, h('time', {}, time(at)), replica && h('span', { class: 'from' }, replica), h('span', { class: 'text' }, text));
  }

  function mark(fresh) {
    const needle = search.value.toLowerCase();
    const found = [...lines.querySelectorAll('li')].filter(line => {
      const is = needle !== '' && line.textContent.toLowerCase().includes(needle);
      line.classList.toggle('hit', is);
      return is;
    });
    hits.textContent = needle ? `${found.length} lines` : '';
    if (fresh) {
      hit = -1;
      if (found.length) step(1);
    }
  }

  function step(by) {
    const found = [...lines.querySelectorAll('.hit')];
    if (found.length === 0) return;
    hit = (hit + by + found.length) % found.length;
    lines.querySelector('.current')?.classList.remove('current');
    found[hit].classList.add('current');
    found[hit].scrollIntoView({ block: 'center' });
  }
}
