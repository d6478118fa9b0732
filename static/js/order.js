// The page of a service order: repair codes follow their area, suggestions fill the resolution, and a
// signature can be drawn.
import { behaviour } from "./behaviours.js";

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

// Vector strokes, kept as numbers: [[[x, y, milliseconds], …], …] in CSS pixels of the pad.
behaviour("signature-pad", (form) => {
  const canvas = form.querySelector("canvas");
  const field = form.elements.strokes;
  const paper = canvas.getContext("2d");
  const started = performance.now();
  let strokes = [];

  function draw() {
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    paper.setTransform(scale, 0, 0, scale, 0, 0);
    paper.strokeStyle = getComputedStyle(canvas).color;
    paper.lineWidth = 2;
    paper.lineCap = paper.lineJoin = "round";
    for (const stroke of strokes) {
      paper.beginPath();
      stroke.forEach(([x, y], at) => (at ? paper.lineTo(x, y) : paper.moveTo(x, y)));
      paper.stroke();
    }
    field.value = strokes.length ? JSON.stringify(strokes) : "";
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    const round = (value) => Math.round(value * 10) / 10;
    return [
      round(event.clientX - box.left),
      round(event.clientY - box.top),
      Math.round(performance.now() - started),
    ];
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    strokes.push([point(event)]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    strokes.at(-1).push(point(event));
    draw();
  });
  form.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    draw();
  });
  new ResizeObserver(draw).observe(canvas);
});
