// Dragging with mouse, pen and finger. A finger lifts after a short rest, so that it can still scroll.
// Shift keeps the person, Alt keeps the time, Escape leaves everything as it was.
import { ask } from "./confirm.js";
import { fill } from "./board-state.js";
import { Item } from "./board-item.js";

const FAR = 5;
const REST = 180;
const EDGE = 44;

function edgeOf(element, event) {
  if (!element.matches(".lane > .bar")) return "";
  const box = element.getBoundingClientRect();
  const grip = Math.min(event.pointerType === "touch" ? 18 : 8, box.width / 4);
  if (event.clientX > box.right - grip) return "end";
  return event.clientX < box.left + grip && box.width > 36 && !("fixed" in element.dataset) ? "start" : "";
}

class Drag {
  constructor(board, element, event) {
    this.board = board;
    this.item = new Item(board, element);
    this.edge = edgeOf(element, event);
    this.from = { x: event.clientX, y: event.clientY };
    this.touch = event.pointerType === "touch";
    this.lifted = false;
    this.place = null;
    this.overTray = false;
    if (this.touch) this.timer = setTimeout(() => this.lift(), REST);
  }

  lift() {
    const { item, board } = this;
    this.lifted = true;
    board.hold();
    document.body.classList.add("dragging");
    item.element.dataset.lifted = "";
    this.label = Object.assign(document.createElement("div"), { className: "drag-label", ariaHidden: "true" });
    document.body.append(this.label);
    if (item.start !== null && item.lane?.matches(".lane")) {
      this.grab = this.minuteAt(item.lane, this.from.x) - item.start;
    } else this.grab = 0;
    this.scrolling = setInterval(() => this.scroll(), 40);
  }

  minuteAt(lane, x) {
    const box = lane.getBoundingClientRect();
    const { from, to } = this.board;
    return from + ((x - box.left) / box.width) * (to - from);
  }

  move(event) {
    const { x, y } = this.from;
    if (!this.lifted) {
      if (Math.hypot(event.clientX - x, event.clientY - y) < FAR) return true;
      if (this.touch) return false;
      this.lift();
    }
    this.last = event;
    this.follow(event);
    return true;
  }

  follow(event) {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    this.overTray = !this.edge && this.item.isBar && Boolean(under?.closest(".tray"));
    this.place = this.overTray ? null : this.placeAt(under, event);
    this.item.preview(this.place);
    this.mark(under);
    const text = this.overTray ? this.board.words.toTray : this.place ? this.item.words(this.place) : "";
    this.label.hidden = !text;
    this.label.textContent = text;
    this.label.toggleAttribute(
      "data-taken",
      Boolean(this.place?.lane && this.item.inTheWay(this.place)),
    );
    const left = Math.min(event.clientX + 14, innerWidth - this.label.offsetWidth - 8);
    this.label.style.translate = `${left}px ${event.clientY + 18}px`;
  }

  placeAt(under, event) {
    const { item } = this;
    if (this.edge) return this.resized(event);
    const cell = under?.closest(".cell");
    if (cell) return { cell };
    let lane = under?.closest(".row")?.querySelector(".lane");
    if (event.shiftKey && item.lane) lane = item.lane;
    if (!lane) return null;
    const free = item.snap(lane, this.minuteAt(lane, event.clientX) - this.grab);
    const minute = item.start === null ? free : this.settled(lane, free, event);
    return { lane, minute, minutes: item.minutes };
  }

  // To another row the time stays unless the pointer clearly moved along the row.
  settled(lane, free, event) {
    const { item } = this;
    const isNear = lane !== item.lane && Math.abs(event.clientX - this.from.x) < 14;
    return event.altKey || isNear ? item.start : free;
  }

  resized(event) {
    const { item } = this;
    const step = Number(item.lane.closest(".row").dataset.snap);
    const end = item.start + item.minutes;
    const minute = item.snap(item.lane, this.minuteAt(item.lane, event.clientX));
    if (this.edge === "end") {
      const minutes = Math.max(Math.round((this.minuteAt(item.lane, event.clientX) - item.start) / step) * step, step);
      return { lane: item.lane, minute: item.start, minutes };
    }
    const start = Math.min(minute, end - step);
    return { lane: item.lane, minute: start, minutes: end - start };
  }

  mark(under) {
    const target = this.overTray ? under.closest(".tray") : (this.place?.lane ?? this.place?.cell);
    for (const old of this.board.root.querySelectorAll("[data-over]")) {
      if (old !== target) old.removeAttribute("data-over");
    }
    target?.setAttribute("data-over", "");
  }

  scroll() {
    if (!this.last) return;
    const pane = this.board.pane;
    const box = pane.getBoundingClientRect();
    const { clientX: x, clientY: y } = this.last;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return;
    const step = (near, far) => (near < EDGE ? -12 : far < EDGE ? 12 : 0);
    const head = this.board.root.querySelector(".row-head")?.offsetWidth ?? 0;
    pane.scrollBy(step(x - box.left - head, box.right - x), step(y - box.top - 28, box.bottom - y));
  }

  async end(open) {
    const { item, place, overTray } = this;
    const wasLifted = this.lifted;
    this.stop();
    if (!wasLifted) return;
    const isRefused = item.isFixed && this.edge !== "end" && (place || overTray);
    if (isRefused) {
      this.board.say(this.board.words.fixed);
      item.clear();
    } else if (place) await item.drop(place, open);
    else {
      item.clear();
      if (overTray) await this.takeOff();
    }
    delete item.element.dataset.lifted;
  }

  async takeOff() {
    const { words } = this.board;
    const { item } = this;
    const question = fill(words.unbook, { what: item.name });
    if ("sent" in item.element.dataset && !(await ask(question, { label: words.unbookLabel }))) return;
    await item.unbook();
  }

  cancel() {
    this.stop();
    this.item.clear();
    delete this.item.element.dataset.lifted;
  }

  stop() {
    clearTimeout(this.timer);
    clearInterval(this.scrolling);
    document.body.classList.remove("dragging");
    this.label?.remove();
    for (const old of this.board.root.querySelectorAll("[data-over]")) old.removeAttribute("data-over");
    if (this.lifted) this.board.release();
  }
}

export default function drag(board, open) {
  const { root } = board;
  let now = null;
  let dropped = false;

  root.addEventListener("pointerdown", (event) => {
    dropped = false;
    const element = event.target.closest(".bar, .card");
    if (!element || event.button || !event.isPrimary || now) return;
    if (element.dataset.status === "DONE") return;
    now = new Drag(board, element, event);
  });
  document.addEventListener("pointermove", (event) => {
    if (now && !now.move(event)) {
      now.cancel();
      now = null;
    }
  });
  document.addEventListener("pointerup", () => {
    if (!now) return;
    const ended = now;
    now = null;
    dropped = ended.lifted;
    ended.end(open);
  });
  document.addEventListener("pointercancel", () => {
    now?.cancel();
    now = null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !now) return;
    event.preventDefault();
    dropped = now.lifted;
    now.cancel();
    now = null;
  });
  // While something is lifted a finger does not scroll, and letting go is not a click.
  document.addEventListener("touchmove", (event) => now?.lifted && event.preventDefault(), { passive: false });
  root.addEventListener("contextmenu", (event) => now?.touch && event.preventDefault());
  root.addEventListener("dragstart", (event) => event.preventDefault());
  root.addEventListener(
    "click",
    (event) => {
      if (!dropped) return;
      dropped = false;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}
