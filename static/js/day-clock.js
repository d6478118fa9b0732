// The clock at the foot of a job. Without a net a press counts at once on the device: the buttons of the next
// status take the place of the old ones, each with a key of its own.
import { uuid } from "./outbox.js";

const TONES = { PLANNED: "PLANNED", PAUSED: "PAUSED", DONE: "DONE" };

export default function clock(foot) {
  foot.addEventListener("outbox:kept", (event) => {
    const to = event.target.elements.to.value;
    const next = foot.querySelector(`template[data-clock="${to}"]`);
    if (!next) return;
    for (const child of [...foot.children]) if (!child.matches("template")) child.remove();
    const buttons = next.content.cloneNode(true);
    for (const form of buttons.querySelectorAll("form")) form.elements.key.value = uuid();
    foot.append(buttons);
    for (const badge of document.querySelectorAll("[data-clock-badge]")) {
      badge.textContent = next.dataset.label;
      badge.dataset.tone = TONES[to] ?? "WORKING";
    }
  });
}
