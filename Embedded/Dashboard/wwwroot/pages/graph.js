import { h, empty } from '/dom.js';
import { ask, link } from '/dashboard.js';

export const title = 'Graph';

const [width, height, gapX, gapY, margin] = [180, 64, 70, 34, 16];

export function mount(root) {
  let shown = '';
  return async () => {
    const resources = await ask('/api/resources');
    const text = JSON.stringify(resources.map(({ name, type, state, health, dependsOn }) => [name, type, state, health, dependsOn]));
    if (text === shown) return;
    shown = text;
    root.replaceChildren(h('h1', {}, 'Graph'), h('p', { class: 'soft' }, 'An arrow leads from a resource to what it needs.'),
      resources.length === 0 ? empty('No resources yet', 'They appear as soon as the application starts them.') : h('div', { class: 'scroll' }, draw(resources)));
  };
}

function draw(resources) {
  const byName = new Map(resources.map(resource => [resource.name, resource]));
  const levels = new Map();
  const level = (name, path = []) => {
    if (levels.has(name)) return levels.get(name);
    // Who waits for each other can't be drawn in layers; the engine refuses it anyway.
    const others = byName.get(name).dependsOn.filter(other => byName.has(other) && !path.includes(other));
    const found = others.length === 0 ? 0 : 1 + Math.max(...others.map(other => level(other, [...path, name])));
    levels.set(name, found);
    return found;
  };
  const layers = [];
  for (const { name } of resources) (layers[level(name)] ??= []).push(name);
  // What is met first by customers stands at the left.
  layers.reverse();
  const rows = Math.max(...layers.map(layer => layer.length));
  const [total, tall] = [margin * 2 + layers.length * width + (layers.length - 1) * gapX, margin * 2 + rows * (height + gapY) - gapY];
  const place = new Map();
  layers.forEach((layer, column) => layer.forEach((name, row) => place.set(name, {
    x: margin + column * (width + gapX), y: margin + row * (height + gapY) + ((rows - layer.length) * (height + gapY)) / 2,
  })));
  const arrows = resources.flatMap(({ name, dependsOn }) => dependsOn.filter(other => place.has(other)).map(other => {
    const [from, to] = [place.get(name), place.get(other)];
    const [x1, y1, x2, y2] = [from.x + width, from.y + height / 2, to.x - 4, to.y + height / 2];
    const bend = Math.max(40, (x2 - x1) / 2);
    return h('path', { class: 'arrow', d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, 'marker-end': 'url(#head)' });
  }));
  return h('svg', { class: 'graph', viewBox: `0 0 ${total} ${tall}`, width: total, height: tall, role: 'group', 'aria-label': `${resources.length} resources and what each needs` },
    h('defs', {}, h('marker', { id: 'head', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto' }, h('path', { d: 'M0 0L8 4L0 8z', class: 'arrow-head' }))),
    arrows, resources.map(resource => node(resource, place.get(resource.name))));
}

function node(resource, { x, y }) {
  const word = resource.state === 'Running' && resource.health ? resource.health : resource.state;
  const kind = ['Healthy', 'Finished', 'Running'].includes(word) ? 'good' : ['Unhealthy', 'Exited', 'FailedToStart'].includes(word) ? 'bad' : 'warn';
  const anchor = document.createElementNS('http://www.w3.org/2000/svg', 'a');
  anchor.setAttribute('href', link(resource.replicas.length ? 'console' : 'resources', { resource: resource.name }));
  anchor.dataset.testid = `node-${resource.name}`;
  anchor.append(
    h('rect', { x, y, width, height, rx: 10, class: `node ${kind}` }),
    h('circle', { cx: x + 20, cy: y + 24, r: 6, class: `lamp ${kind}` }),
    h('text', { x: x + 36, y: y + 29, class: 'node-name' }, resource.name),
    h('text', { x: x + 16, y: y + 50, class: 'node-type' }, `${resource.type}${resource.replicas.length > 1 ? ` × ${resource.replicas.length}` : ''} · ${word}`));
  return anchor;
}
