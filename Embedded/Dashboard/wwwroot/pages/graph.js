import { h, render, empty, stateKind, stateWord, typePaths } from '/dom.js';
import { ask, keep, link } from '/frame.js';

export const title = 'Graph';

const [width, height, gapX, gapY, margin] = [188, 60, 76, 26, 20];
const sweeps = 8;

export function mount(root, parameters) {
  const choice = { parameters: parameters.parameters ?? '' };
  const withParameters = h('input', { type: 'checkbox', id: 'with-parameters', checked: choice.parameters === 'true', onchange: () => {
    choice.parameters = withParameters.checked ? 'true' : '';
    keep('graph', choice);
    draw();
  } });
  const check = h('label', { class: 'check', 'data-key': 'with-parameters' }, withParameters, ' Parameters');
  let resources = [];
  let lit = null;

  return async () => {
    resources = await ask('/api/resources');
    draw();
  };

  function draw() {
    const shown = resources.filter(one => choice.parameters || one.type !== 'parameter');
    render(root,
      h('div', { class: 'page-head' }, h('h1', {}, 'Graph'), h('p', { class: 'soft' }, 'An arrow leads from a resource to what it needs.'),
        h('div', { class: 'filters' }, resources.some(one => one.type === 'parameter') && check)),
      shown.length === 0 ? empty('No resources yet', 'They appear as soon as the application starts them.')
        : h('div', { class: 'scroll graph-frame', tabindex: '0', role: 'region', 'aria-label': 'Graph of resources' }, picture(shown)));
  }

  function picture(shown) {
    const { place, arrows, total, tall } = layout(shown);
    const near = lit && new Set([lit, ...reach(shown, lit, one => one.dependsOn), ...reach(shown, lit, one => shown.filter(other => other.dependsOn.includes(one.name)).map(other => other.name))]);
    const light = name => { lit = name; draw(); };
    return h('svg', { class: `graph ${near ? 'lit' : ''}`, viewBox: `0 0 ${total} ${tall}`, width: total, height: tall, role: 'group', 'aria-label': `${shown.length} resources and what each needs` },
      h('defs', {}, h('marker', { id: 'head', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, h('path', { d: 'M0.5 0.5L7.5 4L0.5 7.5z', class: 'arrow-head' }))),
      arrows.map(({ from, to, d }) => h('path', { class: `arrow ${near?.has(from) && near.has(to) ? 'near' : ''}`, d, 'marker-end': 'url(#head)', 'data-key': `${from}>${to}`, 'data-from': from, 'data-to': to })),
      shown.map(resource => node(resource, place.get(resource.name), near?.has(resource.name), light)));
  }
}

function node(resource, { x, y }, isNear, light) {
  const [words, kind] = [`${stateWord(resource)}${resource.replicas.length > 1 ? ` × ${resource.replicas.length}` : ''}`, stateKind(resource)];
  return h('svg:a', {
    href: link(`resources/${encodeURIComponent(resource.name)}`), class: `node ${kind} ${isNear ? 'near' : ''}`, 'data-key': resource.name, 'data-testid': `node-${resource.name}`, 'data-state': resource.state, 'data-health': resource.health,
    'aria-label': `${resource.name} ${words}, ${resource.type}${resource.dependsOn.length ? `, needs ${resource.dependsOn.join(', ')}` : ''}`,
    onpointerenter: () => light(resource.name), onpointerleave: () => light(null), onfocus: () => light(resource.name), onblur: () => light(null),
  },
  h('rect', { x, y, width, height, rx: 9, class: 'box' }),
  h('rect', { x: x + 10, y: y + 14, width: 32, height: 32, rx: 8, class: 'type-box' }),
  h('g', { class: 'type', transform: `translate(${x + 18} ${y + 22})` }, typePaths(resource.type).map(d => h('path', { d }))),
  h('text', { x: x + 52, y: y + 27, class: 'node-name' }, resource.name),
  h('circle', { cx: x + 56, cy: y + 41, r: 3.6, class: 'lamp' }),
  h('text', { x: x + 64, y: y + 45, class: 'node-type' }, ` ${words}`));
}

/** All names that can be reached from one. */
function reach(resources, name, next, found = new Set()) {
  for (const other of next(resources.find(one => one.name === name) ?? { dependsOn: [], name })) {
    if (found.has(other)) continue;
    found.add(other);
    reach(resources, other, next, found);
  }
  return found;
}

/**
 * In layers, as Sugiyama, Tagawa and Toda do (IEEE Transactions on Systems, Man and Cybernetics 11(2), 1981): what customers meet first
 * stands at the left, arrows over several layers get a place in each of them, and each layer is ordered by the middle of its neighbours.
 */
function layout(resources) {
  const byName = new Map(resources.map(resource => [resource.name, resource]));
  const needs = name => (byName.get(name)?.dependsOn ?? []).filter(other => byName.has(other));
  const depth = new Map();
  const deep = (name, path = []) => {
    if (depth.has(name)) return depth.get(name);
    // Who waits for each other can't be drawn in layers; the engine refuses it anyway.
    const others = needs(name).filter(other => other !== name && !path.includes(other));
    const found = others.length === 0 ? 0 : 1 + Math.max(...others.map(other => deep(other, [...path, name])));
    depth.set(name, found);
    return found;
  };
  const deepest = Math.max(...resources.map(({ name }) => deep(name)));
  const layers = Array.from({ length: deepest + 1 }, () => []);
  for (const { name } of resources) layers[deepest - depth.get(name)].push({ id: name, name, left: [], right: [] });
  const spots = new Map(layers.flat().map(spot => [spot.id, spot]));
  const chains = resources.flatMap(({ name }) => needs(name).filter(other => depth.get(other) < depth.get(name)).map(other => {
    const chain = [spots.get(name)];
    for (let layer = deepest - depth.get(name) + 1; layer < deepest - depth.get(other); layer++) {
      const bend = { id: `${name}>${other}@${layer}`, name: null, left: [], right: [] };
      layers[layer].push(bend);
      chain.push(bend);
    }
    chain.push(spots.get(other));
    for (let step = 1; step < chain.length; step++) {
      chain[step - 1].right.push(chain[step]);
      chain[step].left.push(chain[step - 1]);
    }
    return { from: name, to: other, chain };
  }));

  const settle = layer => {
    const tall = layer.reduce((sum, spot) => sum + room(spot), -gapY);
    let y = -tall / 2;
    for (const spot of layer) {
      spot.y = y + (room(spot) - gapY) / 2;
      y += room(spot);
    }
  };
  layers.forEach(settle);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const side = sweep % 2 === 0 ? 'left' : 'right';
    for (const layer of side === 'left' ? layers : layers.toReversed()) {
      const middle = new Map(layer.map(spot => [spot, spot[side].length ? spot[side].reduce((sum, other) => sum + other.y, 0) / spot[side].length : spot.y]));
      layer.sort((a, b) => middle.get(a) - middle.get(b));
      settle(layer);
    }
  }

  const all = layers.flat();
  const top = Math.min(...all.map(spot => spot.y - (spot.name ? height : 0) / 2));
  const place = new Map();
  layers.forEach((layer, column) => {
    for (const spot of layer) {
      spot.x = margin + column * (width + gapX);
      spot.y += margin - top;
      if (spot.name) place.set(spot.name, { x: spot.x, y: spot.y - height / 2 });
    }
  });
  const arrows = chains.map(({ from, to, chain }) => ({ from, to, d: curve(chain) }));
  return {
    place, arrows, total: margin * 2 + layers.length * width + deepest * gapX,
    tall: Math.max(...all.map(spot => spot.y + (spot.name ? height : 0) / 2)) + margin,
  };
}

const room = spot => (spot.name ? height : height / 3) + gapY;

function curve(chain) {
  let d = `M${chain[0].x + width} ${chain[0].y}`;
  let [x, y] = [chain[0].x + width, chain[0].y];
  for (const spot of chain.slice(1)) {
    const to = spot.name ? spot.x - 3 : spot.x;
    const bend = (to - x) / 2;
    d += ` C${x + bend} ${y} ${to - bend} ${spot.y} ${to} ${spot.y}`;
    [x, y] = [to, spot.y];
    if (!spot.name) {
      x = spot.x + width;
      d += ` L${x} ${y}`;
    }
  }
  return d;
}
