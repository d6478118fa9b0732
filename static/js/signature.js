// The pad: strokes are kept as numbers, so they survive turning the device and are drawn again at any size.
import SignaturePad from "../vendor/signature_pad-5.1.4/signature_pad.min.js";
import { show } from "./toasts.js";

export default function signature(form) {
  const canvas = form.querySelector("canvas");
  const field = form.elements.strokes;
  const pad = new SignaturePad(canvas, { penColor: "#111827", minWidth: 1, maxWidth: 3 });
  let width = 0;

  // Strokes keep the size they were drawn at; a pad of another width shows them scaled.
  function fit() {
    const box = canvas.getBoundingClientRect();
    if (!box.width) return;
    const drawn = pad.toData();
    const scale = width ? box.width / width : 1;
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    width = box.width;
    canvas.width = box.width * ratio;
    canvas.height = box.height * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    for (const stroke of drawn) {
      for (const point of stroke.points) {
        point.x *= scale;
        point.y *= scale;
      }
    }
    pad.clear();
    pad.fromData(drawn, { clear: false });
  }

  function keep() {
    const strokes = pad.toData().map(({ points }) => {
      const began = points[0]?.time ?? 0;
      return points.map(({ x, y, time }) => [Math.round(x * 10) / 10, Math.round(y * 10) / 10, time - began]);
    });
    field.value = strokes.length ? JSON.stringify(strokes) : "";
  }

  function clear() {
    pad.clear();
    keep();
  }

  pad.addEventListener("endStroke", keep);
  form.querySelector("[data-clear]").addEventListener("click", clear);
  form.addEventListener("reset", () => setTimeout(clear));
  form.addEventListener(
    "submit",
    (event) => {
      if (field.value || form.elements.is_typed.checked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const words = JSON.parse(document.getElementById("device-words").textContent);
      show({ text: words.noSignature, tone: "red" });
      canvas.scrollIntoView({ block: "center" });
    },
    true,
  );
  new ResizeObserver(() => canvas.getBoundingClientRect().width !== width && fit()).observe(canvas);
  fit();
}
