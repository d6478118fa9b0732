// The registry behind data-behaviour. One observer serves the whole page, so content swapped in by
// htmx (or anything else) is wired like the first page was.
const known = new Map();
const wired = new WeakMap();

function wire(element) {
  const done = wired.get(element) ?? new Set();
  wired.set(element, done);
  for (const name of element.dataset.behaviour.split(/\s+/)) {
    if (known.has(name) && !done.has(name)) {
      done.add(name);
      known.get(name)(element);
    }
  }
}

function wireAll(root) {
  if (root.matches?.("[data-behaviour]")) wire(root);
  root.querySelectorAll?.("[data-behaviour]").forEach(wire);
}

export function behaviour(name, start) {
  known.set(name, start);
  document.querySelectorAll(`[data-behaviour~="${name}"]`).forEach(wire);
}

new MutationObserver((changes) => {
  for (const change of changes) change.addedNodes.forEach(wireAll);
}).observe(document.documentElement, { childList: true, subtree: true });
