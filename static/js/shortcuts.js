// Single keys: an element says data-shortcut="n" and is clicked (or focused, when it is a field).
// "?" opens this help, j and k walk the rows of a list. People can switch single keys off.
const STORE = "single-keys";
const typing = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=grid]");

function walk(step) {
  const links = [...document.querySelectorAll("#rows tbody a.main")].filter(
    (link, place, all) => all.findIndex((other) => other.closest("tr") === link.closest("tr")) === place,
  );
  if (!links.length) return false;
  const now = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[Math.min(Math.max(now + step, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
  const target = [...document.querySelectorAll("[data-shortcut]")].find(
    (element) => element.dataset.shortcut.toLowerCase() === key && element.checkVisibility(),
  );
  if (!target) return false;
  if (target.matches("input, select, textarea")) {
    target.focus();
    target.select?.();
  } else target.click();
  return true;
}

export default function shortcuts(dialog) {
  const box = dialog.querySelector("[data-shortcuts-switch]");
  const stored = () => localStorage.getItem(STORE) !== "off";
  box.checked = stored();
  box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));

  document.addEventListener("click", (event) => {
    if (event.target.closest?.(`[data-opens="${dialog.id}"]`)) dialog.showModal();
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]") || !stored()) return;
    if (event.key === "?") dialog.showModal();
    else if (!press(event.key.toLowerCase())) return;
    event.preventDefault();
  });
}
