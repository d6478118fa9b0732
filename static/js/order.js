// The page of a service order: repair codes follow their area, suggestions fill the resolution, and a
// signature can be drawn.
import { behaviour } from "./behaviours.js";
import "./sign-pad.js";

// <select data-behaviour="narrow" data-narrow-by="symptom_area">: offers only the codes of the area.
behaviour("narrow", (select) => {
  const area = select.form.elements[select.dataset.narrowBy];
  const all = [...select.options];

  function narrow() {
    const chosen = select.value;
    select.replaceChildren(
      ...all.filter((option) => !option.value || !area.value || option.dataset.area === area.value),
    );
    select.value = [...select.options].some((option) => option.value === chosen) ? chosen : "";
  }

  area.addEventListener("change", () => {
    narrow();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  select.addEventListener("change", () => {
    const option = select.selectedOptions[0];
    if (option?.dataset.area && !area.value) area.value = option.dataset.area;
  });
  narrow();
});

behaviour("suggestions", (list) => {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-resolution]");
    const field = document.getElementById("id_resolution");
    if (!button || !field) return;
    field.value = button.dataset.resolution;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
});
