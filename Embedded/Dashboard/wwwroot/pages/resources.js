import { h, bytes, empty, moment, dot } from '/dom.js';
import { ask, confirm, link, notify, refresh } from '/dashboard.js';

export const title = 'Resources';

const questions = {
  stop: ['Stop', 'It stays stopped until somebody starts it.'],
  kill: ['Kill', 'Its process ends at once, as in a crash. The engine starts it again.'],
  reset: ['Reset', 'All its data is deleted. Whatever needs it is stopped before and started again after.'],
};

export function mount(root) {
  const open = new Set();
  let shown = '';
  return async () => {
    const resources = await ask('/api/resources');
    const text = JSON.stringify([resources, [...open]]);
    if (text === shown) return;
    shown = text;
    const focused = document.activeElement?.dataset?.focus;
    root.replaceChildren(
      h('h1', {}, 'Resources'),
      resources.length === 0 ? empty('No resources yet', 'They appear as soon as the application starts them.') : table(resources, open));
    if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  };

  function table(resources, opened) {
    return h('div', { class: 'scroll' }, h('table', { class: 'list' },
      h('thead', {}, h('tr', {}, ['Name', 'State', 'Started', 'Restarts', 'CPU', 'Memory', 'Addresses', 'Commands'].map(heading => h('th', { scope: 'col' }, heading)))),
      h('tbody', {}, resources.flatMap(resource => [row(resource, opened), ...(resource.replicas.length > 1 ? resource.replicas.map(replica => replicaRow(resource, replica)) : []), opened.has(resource.name) && details(resource)]))));
  }

  function row(resource, opened) {
    const isOpen = opened.has(resource.name);
    return h('tr', { 'data-testid': `resource-${resource.name}`, 'data-state': resource.state, 'data-health': resource.health },
      h('th', { scope: 'row' }, h('button', {
        type: 'button', class: 'plain', 'aria-expanded': String(isOpen), 'data-focus': `open-${resource.name}`,
        onclick: () => { opened[isOpen ? 'delete' : 'add'](resource.name); refresh(); },
      }, dot(resource.name), resource.name), h('span', { class: 'soft' }, ` ${resource.type}${resource.replicas.length > 1 ? ` × ${resource.replicas.length}` : ''}`)),
      h('td', {}, state(resource), resource.detail && h('div', { class: 'soft detail' }, resource.detail)),
      h('td', { class: 'num' }, moment(resource.startedAt)),
      h('td', { class: 'num' }, resource.replicas.length ? String(resource.restarts) : '–'),
      h('td', { class: 'num' }, cpu(resource)),
      h('td', { class: 'num' }, bytes(resource.memoryBytes)),
      h('td', {}, resource.urls.map(address)),
      h('td', {}, h('div', { class: 'commands' }, resource.commands.map(command => button(resource, command)),
        resource.replicas.length > 0 && h('a', { href: link('console', { resource: resource.name }) }, 'Console'))));
  }

  function replicaRow(resource, replica) {
    return h('tr', { class: 'replica', 'data-testid': `replica-${replica.name}`, 'data-state': replica.state, 'data-health': replica.health, 'data-restarts': replica.restarts },
      h('th', { scope: 'row' }, replica.name, h('span', { class: 'soft' }, replica.processId ? ` process ${replica.processId}` : '')),
      h('td', {}, state(replica), replica.detail && h('div', { class: 'soft detail' }, replica.detail)),
      h('td', { class: 'num' }, moment(replica.startedAt)),
      h('td', { class: 'num' }, String(replica.restarts)),
      h('td', { class: 'num' }, cpu(replica)),
      h('td', { class: 'num' }, bytes(replica.memoryBytes)),
      h('td', {}, replica.url && address({ name: 'its own', url: replica.url })),
      h('td', {}, h('div', { class: 'commands' }, replica.state === 'Running' && button(resource, 'kill', replica))));
  }

  function button(resource, command, replica = null) {
    const target = replica?.name ?? resource.name;
    return h('button', {
      type: 'button', class: command in questions ? 'danger' : null, 'data-command': command, 'data-focus': `${command}-${target}`, 'aria-label': `${command} ${target}`,
      onclick: () => execute(resource, command, replica, target),
    }, command);
  }

  async function execute(resource, command, replica, target) {
    const question = questions[command];
    if (question && !await confirm(`${question[0]} ${target}?`, question[1], question[0])) return;
    notify(`${command} ${target} …`);
    const answer = await fetch(`/api/resources/${encodeURIComponent(resource.name)}/commands/${command}${replica ? `?replica=${replica.index}` : ''}`, { method: 'POST' });
    notify(answer.ok ? `${target}: ${command} done.` : `${target}: ${(await answer.json()).detail}`);
    await refresh();
  }

  function details(resource) {
    return h('tr', { class: 'details' }, h('td', { colspan: 8 },
      h('h2', {}, `Environment of ${resource.name}`),
      resource.environment.length === 0 ? h('p', { class: 'soft' }, 'The engine gives it no variables of its own.')
        : h('table', { class: 'pairs' }, h('caption', { class: 'unseen' }, `Environment of ${resource.name}`), h('tbody', {}, resource.environment.map(variable =>
          h('tr', {}, h('th', { scope: 'row' }, variable.name), h('td', {}, variable.value, variable.isSecret && h('span', { class: 'soft' }, '  (secret)')))))),
      resource.dependsOn.length > 0 && h('p', {}, `Depends on ${resource.dependsOn.join(', ')}.`)));
  }
}

const cpu = one => (one.cpuPercent === null ? '–' : `${one.cpuPercent.toFixed(1)} %`);

const address = ({ name, url }) => h('div', {}, /^https?:/.test(url) ? h('a', { href: url, target: '_blank', rel: 'noreferrer' }, url) : h('span', {}, url), h('span', { class: 'soft' }, ` ${name}`));

/** State and health as a coloured word; the colour is never all there is. */
export function state(one) {
  const text = one.state === 'Running' && one.health ? one.health : one.state;
  const kind = { Healthy: 'good', Running: 'good', Finished: 'good', Degraded: 'warn', Starting: 'warn', Waiting: 'warn', Stopping: 'warn', Unhealthy: 'bad', FailedToStart: 'bad', Exited: 'bad' }[text] ?? 'idle';
  return h('span', { class: `state ${kind}` }, text);
}
