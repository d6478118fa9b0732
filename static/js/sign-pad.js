// data-behaviour="signature-pad" on a form or a part of it with a canvas, a button [data-clear], and a field "strokes" in
// the form.
import { behaviour } from "./behaviours.js";

// Vector strokes, kept as numbers: [[[x, y, milliseconds], …], …] in CSS pixels of the pad.
behaviour("signature-pad", (part) => {
  const canvas = part.querySelector("canvas");
  const field = part.closest("form").elements.strokes;
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
  part.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    draw();
  });
  new ResizeObserver(draw).observe(canvas);
});
