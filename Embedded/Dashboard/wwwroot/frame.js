// What every page needs from the frame around it: asking the server, addresses, questions and notices.
import { h, icon } from '/dom.js';

/** The server is gone, or in trouble: nothing a page could mend. */
export class Unanswered extends Error {}

/** Asks the server; null for 404 and for nothing. */
export async function ask(path) {
  const answer = await reach(path);
  if (answer.status === 404 || answer.status === 204) return null;
  return answer.json();
}

async function reach(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    throw new Unanswered(`${path} can't be reached`, { cause: error });
  }
  if (answer.status === 401) {
    location.assign('/login');
    throw new Unanswered('Logged out');
  }
  if (answer.status >= 500) throw new Unanswered(`${path} answers ${answer.status}`);
  return answer;
}

/** Carries out a command on a resource, or one replica of it; returns why it couldn't be done, null when it was. */
export async function command(resource, name, replica) {
  const answer = await reach(`/api/resources/${encodeURIComponent(resource)}/commands/${name}${replica ? `?replica=${replica}` : ''}`, { method: 'POST' });
  if (answer.ok) return null;
  const problem = await answer.json().catch(() => ({}));
  return problem.detail ?? problem.title ?? `The server answers ${answer.status}.`;
}

/** A page's address: link('traces', { text }) is #/traces?text=…, link('traces/0af7…') that one's. */
export function link(page, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false));
  return `#/${page}${query.size ? `?${query}` : ''}`;
}

/** Keeps filters and choices in the address without making a step in the history. */
export function keep(page, parameters) {
  history.replaceState(null, '', link(page, parameters));
}

/** Asks before what can't be undone. */
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

const noticeMilliseconds = 6000;
let noticeTimer = 0;
export function notify(text, kind = 'done') {
  const notice = document.querySelector('#notice');
  notice.textContent = text;
  notice.className = `notice ${kind}`;
  notice.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, noticeMilliseconds);
}

/** A button that puts a text on the clipboard. */
export const copier = (text, what) => h('button', {
  type: 'button', class: 'icon-button small', title: `Copy ${what}`, 'aria-label': `Copy ${what}`,
  onclick: async () => {
    await navigator.clipboard.writeText(text);
    notify(`${what[0].toUpperCase()}${what.slice(1)} copied.`);
  },
}, icon('copy'));

export const narrow = matchMedia('(max-width: 56rem)');

/** On a phone the drawer covers the page: who opened it goes there. */
export function enterDrawer(root) {
  if (narrow.matches) root.querySelector('.drawer h2')?.focus();
}

/**
 * Whether somebody reads further down in a list whose newest entries come in at the top; then it must not move.
 */
export const isReading = scroller => Math.max(scroller?.scrollTop ?? 0, document.querySelector('#main').scrollTop) > 60;

export function toTop(scroller) {
  for (const element of [scroller, document.querySelector('#main')]) if (element) element.scrollTop = 0;
}
