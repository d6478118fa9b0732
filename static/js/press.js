// A press counts for the button it began on. Where something arrives between pressing and letting go and the
// page moves, the button slips away from under the pointer, and the browser would click what lies there now.
const SLACK = 4; // pixels: a hand that means to press is not quite at rest, one that drags away goes further
let pressed = null;

document.addEventListener(
  "pointerdown",
  ({ target, button, clientX, clientY }) => {
    const found = button === 0 ? target.closest?.("button") : null;
    pressed = found && { found, clientX, clientY };
  },
  true,
);

document.addEventListener(
  "pointerup",
  ({ target, clientX, clientY }) => {
    const begun = pressed;
    pressed = null;
    if (!begun?.found.isConnected || begun.found.contains(target)) return;
    if (Math.hypot(clientX - begun.clientX, clientY - begun.clientY) <= SLACK) begun.found.click();
  },
  true,
);
