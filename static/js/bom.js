// Dragging an item of the palette onto a part, or to the top, sends that item's own form with the part as its
// parent. The form is there without dragging too.
import { behaviour } from "./behaviours.js";

behaviour("bom", (panel) => {
  const top = panel.querySelector(".bom-top");
  let form = null;

  document.addEventListener("pointerover", ({ target }) => {
    const row = target.closest?.("#palette [data-drag]");
    if (row) row.draggable = true;
  });

  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("#palette [data-drag]");
    if (!row) return;
    form = row.querySelector("form");
    event.dataTransfer.effectAllowed = "copy";
    event.dataTransfer.setData("text/plain", row.innerText.trim());
    if (top) top.hidden = false;
  });

  document.addEventListener("dragend", () => {
    form = null;
    if (top) top.hidden = true;
    mark(null);
  });

  const mark = (place) => {
    for (const old of panel.querySelectorAll("[data-over]")) old.removeAttribute("data-over");
    place?.setAttribute("data-over", "");
  };

  panel.addEventListener("dragover", (event) => {
    const place = event.target.closest("[data-drop]");
    mark(form && place);
    if (!form || !place) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });

  panel.addEventListener("drop", (event) => {
    const place = event.target.closest("[data-drop]");
    if (!form || !place) return;
    event.preventDefault();
    form.elements.parent.value = place.dataset.drop;
    form.requestSubmit();
  });
});
