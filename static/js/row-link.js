// A click anywhere on a row opens it; the link in its first cell is what keyboards and readers use.
export default function rowLink(row) {
  row.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.target.closest("a, button, input, label, select, summary")) return;
    if (String(window.getSelection())) return;
    const link = row.querySelector("a.main") ?? row.querySelector("a[href]");
    const address = row.dataset.href ?? link?.href;
    if (!address) return;
    if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
    else window.location.assign(address);
  });
  row.addEventListener("auxclick", (event) => {
    if (event.button === 1 && !event.target.closest("a") && row.dataset.href) {
      window.open(row.dataset.href, "_blank", "noopener");
    }
  });
}
