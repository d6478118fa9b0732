// Ticked rows: "tick all", shift for a range, and the number in the bar. The bar itself shows by CSS.
export default function bulk(form) {
  const table = form.parentElement.querySelector("table");
  const all = table.querySelector("[data-pick-all]");
  const boxes = [...table.querySelectorAll("input[name=pk]")];
  const text = form.querySelector("[data-bulk-count]");
  const words = text.textContent;
  let last = null;

  function refresh() {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    text.textContent = `${ticked} · ${words}`;
  }

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    refresh();
  });
  table.addEventListener("click", (event) => {
    const box = event.target;
    if (!boxes.includes(box)) return;
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    refresh();
  });
  refresh();
}
