// <details data-behaviour="menu">: closes on Escape and on a click elsewhere, arrows walk the items.
export default function menu(details) {
  const summary = details.querySelector("summary");
  const items = () => [...details.querySelectorAll(".menu-list :is(a, button)")];

  function close({ focus = false } = {}) {
    details.open = false;
    if (focus) summary.focus();
  }

  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      event.stopPropagation();
      close({ focus: true });
    }
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    details.open = true;
    const all = items();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const now = all.indexOf(document.activeElement);
    all[(now + step + all.length) % all.length]?.focus();
  });
  details.addEventListener("toggle", () => {
    const controller = new AbortController();
    if (!details.open) return;
    const outside = (event) => {
      if (!details.open) return controller.abort();
      if (!details.contains(event.target)) {
        close();
        controller.abort();
      }
    };
    document.addEventListener("pointerdown", outside, { signal: controller.signal });
    document.addEventListener("focusin", outside, { signal: controller.signal });
  });
}
