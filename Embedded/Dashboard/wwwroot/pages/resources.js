import { h, render, bytes, cell, colour, count, drawer, empty, field, icon, moment, pairs, plural, section, since, sparkline, state, stateKind, table, typeIcon } from '/dom.js';
import { ask, command, confirm, copier, enterDrawer, keep, link, notify } from '/frame.js';

export const title = 'Resources';

/** What is asked before; a command without a question is harmless. */
const questions = {
  stop: ['Stop', 'It stays stopped until somebody starts it.'],
  kill: ['Kill', 'The process ends at once, as in a crash. The engine starts it again.'],
  reset: ['Reset', 'All its data is deleted. Whatever needs it is stopped before and started again after.'],
};
const names = { start: 'Start', stop: 'Stop', restart: 'Restart', kill: 'Kill', reset: 'Reset data' };
const samples = 40;

/** What was measured while this tab is open, for the small lines: name → { cpu, memory }. */
const measured = new Map();

export function mount(root, parameters, again) {
  const choice = { id: parameters.id ?? '', text: parameters.text ?? '', all: parameters.all ?? '' };
  const folded = new Set();
  const busy = new Set();
  let resources = [];

  const remember = () => keep(choice.id ? `resources/${encodeURIComponent(choice.id)}` : 'resources', { text: choice.text, all: choice.all });
  const search = h('input', { type: 'search', id: 'resource-text', value: choice.text, placeholder: 'Name, type or state', oninput: () => { choice.text = search.value; remember(); draw(); } });
  const searchField = field('Filter', search);
  root.onkeydown = event => { if (event.key === 'Escape' && choice.id) open(''); };

  return async () => {
    resources = await ask('/api/resources');
    for (const one of resources.flatMap(resource => [resource, ...resource.replicas])) sample(one);
    draw();
  };

  function open(name) {
    const from = choice.id;
    choice.id = name;
    remember();
    draw();
    if (name) enterDrawer(root);
    else root.querySelector(`[data-opens="${CSS.escape(from)}"]`)?.focus();
  }

  function draw() {
    const needle = choice.text.trim().toLowerCase();
    const listed = resources.filter(one => `${one.name} ${one.type} ${one.state} ${one.health ?? ''}`.toLowerCase().includes(needle));
    const chosen = resources.find(one => one.name === choice.id);
    render(root,
      h('div', { class: 'page-head' }, h('h1', {}, 'Resources'), tally(resources), h('div', { class: 'filters' }, searchField)),
      h('div', { class: `split ${chosen ? 'open' : ''}` },
        listed.length > 0 ? h('div', { class: 'scroll', 'data-key': 'list' }, table('Resources', columns, listed.flatMap(rows), { class: 'cards' }))
          : resources.length > 0 ? empty('No resource fits', 'Change the filter to see others.') : empty('No resources yet', 'They appear as soon as the application starts them.'),
        chosen && details(chosen)));
  }

  function rows(resource) {
    const several = resource.replicas.length > 1;
    const isFolded = folded.has(resource.name);
    return [
      h('tr', {
        role: 'row', class: choice.id === resource.name ? 'chosen' : null, 'data-key': resource.name,
        'data-testid': `resource-${resource.name}`, 'data-state': resource.state, 'data-health': resource.health, onclick: onRow(() => open(resource.name)),
      },
      h('th', { scope: 'row', role: 'rowheader' }, h('div', { class: 'named' },
        several ? h('button', {
          type: 'button', class: 'fold', 'aria-expanded': String(!isFolded), 'aria-label': `Replicas of ${resource.name}`,
          onclick: () => { folded[isFolded ? 'delete' : 'add'](resource.name); draw(); },
        }, icon('right')) : h('span', { class: 'fold' }),
        h('span', { class: 'type-icon', style: { color: colour(resource.name) } }, typeIcon(resource.type)),
        h('button', { type: 'button', class: 'plain strong', 'data-opens': resource.name, 'aria-expanded': String(choice.id === resource.name), onclick: () => open(choice.id === resource.name ? '' : resource.name) }, resource.name),
        h('span', { class: 'soft' }, several ? `${resource.type} × ${resource.replicas.length}` : resource.type))),
      ...figures(resource, resource.urls),
      cell({ class: 'commands-cell' }, commands(resource, false))),
      ...(several && !isFolded ? resource.replicas.map(replica => replicaRow(resource, replica)) : []),
    ];
  }

  function replicaRow(resource, replica) {
    return h('tr', {
      role: 'row', class: 'replica', 'data-key': `${resource.name}/${replica.name}`, 'data-testid': `replica-${replica.name}`,
      'data-state': replica.state, 'data-health': replica.health, 'data-restarts': replica.restarts,
    },
    h('th', { scope: 'row', role: 'rowheader' }, h('div', { class: 'named' }, replica.name, replica.processId && h('span', { class: 'soft' }, `pid ${replica.processId}`))),
    ...figures(replica, replica.url ? [{ name: 'own', url: replica.url }] : []),
    cell({ class: 'commands-cell' }, h('div', { class: 'commands' }, replica.state === 'Running' && button(resource, 'kill', replica, false))));
  }

  function figures(one, urls) {
    const known = measured.get(one.name);
    return [
      cell({ 'data-label': 'State' }, state(one), one.detail && h('div', { class: 'soft detail' }, one.detail)),
      cell({ class: 'num', 'data-label': 'Up for', title: one.startedAt ? `Started ${moment(one.startedAt)}` : null }, isUp(one) ? since(one.startedAt) : '–'),
      cell({ class: `num right ${one.restarts > 0 ? '' : 'soft'}`, 'data-label': 'Restarts' }, String(one.restarts)),
      cell({ class: 'num right', 'data-label': 'CPU' }, h('span', { class: 'measured' }, sparkline(known?.cpu ?? []), cpu(one))),
      cell({ class: 'num right', 'data-label': 'Memory' }, h('span', { class: 'measured' }, sparkline(known?.memory ?? []), bytes(one.memoryBytes))),
      cell({ class: 'addresses', 'data-label': 'Addresses' }, urls.map(address)),
    ];
  }

  function commands(resource, withNames) {
    return h('div', { class: 'commands' }, resource.commands.map(name => button(resource, name, null, withNames)),
      !withNames && resource.replicas.length > 0 && h('a', { class: 'icon-button', href: link('console', { resource: resource.name }), title: 'Console', 'aria-label': `Console of ${resource.name}` }, icon('console')));
  }

  function button(resource, name, replica, withName) {
    const target = replica?.name ?? resource.name;
    return h('button', {
      type: 'button', class: `${withName ? '' : 'icon-button'} ${name in questions ? 'danger' : ''}`, 'data-command': name, 'data-key': `command-${name}`,
      title: withName ? null : names[name] ?? name, 'aria-label': `${names[name] ?? name} ${target}`, disabled: busy.has(target), onclick: () => execute(resource, name, replica, target),
    }, icon(name in names ? name : 'right'), withName && h('span', {}, names[name] ?? name));
  }

  async function execute(resource, name, replica, target) {
    const question = questions[name];
    if (question && !await confirm(`${question[0]} ${target}?`, question[1], question[0])) return;
    busy.add(target);
    notify(`${names[name] ?? name} ${target} …`, 'working');
    draw();
    try {
      const mistake = await command(resource.name, name, replica?.index);
      notify(mistake ?? `${target}: ${(names[name] ?? name).toLowerCase()} done.`, mistake ? 'failed' : 'done');
    } catch (error) {
      notify(`${target}: ${error.message}.`, 'failed');
    } finally {
      busy.delete(target);
      draw();
      again();
    }
  }

  function details(resource) {
    const needed = resources.filter(other => other.dependsOn.includes(resource.name)).map(other => other.name);
    const links = list => list.map((name, index) => [index > 0 && ', ', resources.some(one => one.name === name) ? h('a', { href: link(`resources/${encodeURIComponent(name)}`) }, name) : name]);
    return drawer(`Resource ${resource.name}`, { kicker: resource.type, heading: resource.name, onclose: () => open(''), testId: 'resource-details', key: resource.name },
      commands(resource, true),
      resource.replicas.length > 0 && h('ul', { class: 'jumps' },
        h('li', {}, h('a', { href: link('console', { resource: resource.name }) }, icon('console'), 'Console')),
        resource.type === 'project' && [
          h('li', {}, h('a', { href: link('logs', { resource: resource.name }) }, icon('logs'), 'Logs')),
          h('li', {}, h('a', { href: link('traces', { resource: resource.name }) }, icon('traces'), 'Traces')),
          h('li', {}, h('a', { href: link('metrics', { resource: resource.name }) }, icon('metrics'), 'Metrics')),
        ]),
      section('Now', pairs(`State of ${resource.name}`, [
        ['state', state(resource)], ...(resource.detail ? [['why', resource.detail]] : []), ['started', moment(resource.startedAt)], ['restarts', count(resource.restarts)],
        ['processor', cpu(resource)], ['memory', bytes(resource.memoryBytes)],
        ...(resource.urls.length ? [['addresses', resource.urls.map(address)]] : []),
        ...(resource.dependsOn.length ? [['needs', links(resource.dependsOn)]] : []), ...(needed.length ? [['needed by', links(needed)]] : []),
      ])),
      resource.replicas.length > 0 && section(plural(resource.replicas.length, 'process', 'processes'), pairs(`Processes of ${resource.name}`, resource.replicas.map(replica => [replica.name, [state(replica), replica.processId && ` pid ${replica.processId}`, replica.url && [' ', address({ name: '', url: replica.url })]]]))),
      section('Environment', resource.environment.length === 0 ? h('p', { class: 'soft' }, 'The engine gives it no variables of its own.')
        : h('dl', { class: 'environment' }, resource.environment.map(variable => h('div', {}, h('dt', {}, variable.name, variable.isSecret ? h('span', { class: 'tag' }, 'secret') : copier(variable.value, variable.name)), h('dd', {}, variable.value))))));
  }
}

const columns = ['Name', 'State', { text: 'Up for' }, { text: 'Restarts', class: 'right' }, { text: 'CPU', class: 'right' }, { text: 'Memory', class: 'right' }, { text: 'Addresses', class: 'addresses' }, { text: 'Commands', class: 'right commands-cell' }];

const isUp = one => one.startedAt && !['Exited', 'Finished', 'FailedToStart', 'NotStarted'].includes(one.state);

/** A click anywhere in a row, but not on what is in it. */
const onRow = action => event => { if (!event.target.closest('a, button') && String(getSelection()) === '') action(); };

function sample(one) {
  if (one.cpuPercent === null) return measured.delete(one.name);
  const known = measured.get(one.name) ?? { cpu: [], memory: [] };
  known.cpu = [...known.cpu, one.cpuPercent].slice(-samples);
  known.memory = [...known.memory, one.memoryBytes ?? 0].slice(-samples);
  return measured.set(one.name, known);
}

const words = { good: 'up', busy: 'on the way', warn: 'degraded', bad: 'down', idle: 'done or stopped' };
function tally(resources) {
  const kinds = Map.groupBy(resources, stateKind);
  return h('p', { class: 'tally', 'data-testid': 'tally' }, Object.keys(words).filter(kind => kinds.has(kind)).map(kind => h('span', { class: `state ${kind}` }, `${kinds.get(kind).length} ${words[kind]}`)));
}

const cpu = one => (one.cpuPercent === null || one.cpuPercent === undefined ? '–' : `${one.cpuPercent.toFixed(1)} %`);

// Only addresses a browser may follow become links.
const address = ({ name, url }) => h('div', { class: 'address' }, /^https?:/.test(url) ? h('a', { href: url, target: '_blank', rel: 'noreferrer' }, url.replace(/^https?:\/\//, '')) : h('span', {}, url.replace(/^tcp:\/\//, '')), name && h('span', { class: 'soft' }, ` ${name}`));
