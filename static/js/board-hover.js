// The rest of a visit's facts while the mouse rests on it or the keyboard stands on it.
const REST = 450;

export default function hover(board) {
  const card = document.getElementById("board-card");
  const known = new Map();
  let timer;
  let shown = "";

  function hide() {
    clearTimeout(timer);
    shown = "";
    if (card.matches(":popover-open")) card.hidePopover();
  }

  async function facts(bar) {
    const key = `${bar.id} ${bar.dataset.v}`;
    if (!known.has(key)) {
      const response = await fetch(`${board.root.dataset.bookings}${bar.dataset.id}/card/`);
      if (!response.ok || response.redirected) return "";
      known.set(key, await response.text());
    }
    return known.get(key);
  }

  async function show(bar) {
    const html = await facts(bar).catch(() => "");
    if (!html || shown !== bar.id || board.held) return;
    card.innerHTML = html;
    card.showPopover();
    const box = bar.getBoundingClientRect();
    const left = Math.min(Math.max(box.left, 8), innerWidth - card.offsetWidth - 8);
    const below = box.bottom + 6;
    const top = below + card.offsetHeight < innerHeight ? below : Math.max(box.top - card.offsetHeight - 6, 8);
    card.style.translate = `${left}px ${top}px`;
  }

  board.root.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const bar = event.target.closest(".bar");
    if (bar?.id === shown) return;
    hide();
    if (!bar || board.held || event.buttons) return;
    shown = bar.id;
    timer = setTimeout(() => show(bar), REST);
  });
  board.root.addEventListener("pointerleave", hide);
  board.root.addEventListener("pointerdown", hide);
  board.root.addEventListener("keydown", hide);
  board.pane.addEventListener("scroll", hide, { passive: true });
}
