// A visit or a card in hand: where it may go, how that place is shown, and the POST that puts it there.
import { clock, fill } from "./board-state.js";

export class Item {
  constructor(board, element) {
    this.board = board;
    this.element = element;
    this.isBar = element.matches(".bar");
    this.link = this.isBar ? element.querySelector("a") : element;
    const { v, minutes, start } = element.dataset;
    this.version = v;
    this.minutes = Number(minutes);
    this.start = this.isBar && start ? Number(start) : null;
    this.isFixed = "fixed" in element.dataset;
    this.lane = this.isBar ? element.closest(".lane, .cell") : null;
    this.name = element.querySelector("b")?.textContent.trim() ?? "";
    this.ghost = null;
  }

  // A place is {lane, minute, minutes} or {cell} where several days are shown.
  snap(lane, minute) {
    const step = Number(lane.closest(".row").dataset.snap);
    const { from, to } = this.board;
    return Math.min(Math.max(Math.round(minute / step) * step, from), to - step);
  }

  inTheWay({ lane, minute, minutes }) {
    return [...lane.querySelectorAll(".bar")].find(
      (bar) =>
        bar !== this.element &&
        Number(bar.dataset.start) < minute + minutes &&
        Number(bar.dataset.start) + Number(bar.dataset.minutes) > minute,
    );
  }

  words({ lane, cell, minute, minutes }) {
    const { words } = this.board;
    const name = (lane ?? cell).closest(".row").dataset.name;
    if (cell) {
      const day = new Date(`${cell.dataset.day}T12:00`).toLocaleDateString(document.documentElement.lang, {
        weekday: "short",
        day: "numeric",
        month: "short",
      });
      return fill(words.onDay, { name, day });
    }
    const place = fill(words.at, { name, from: clock(minute), to: clock(minute + minutes) });
    const other = this.inTheWay({ lane, minute, minutes });
    const state = other
      ? fill(words.taken, { what: other.querySelector("b").textContent.trim() })
      : words.free;
    return `${place}, ${state}`;
  }

  preview(place) {
    if (!place || place.cell) {
      this.clear();
      return;
    }
    const { lane, minute, minutes } = place;
    this.ghost ??= Object.assign(document.createElement("li"), { ariaHidden: "true" });
    const step = Math.floor((minute - this.board.from) / 5);
    const length = Math.max(Math.min(Math.ceil(minutes / 5), (this.board.to - minute) / 5), 1);
    this.ghost.className = `ghost s-${step} l-${length}`;
    this.ghost.textContent = `${clock(minute)}–${clock(minute + minutes)}`;
    this.ghost.toggleAttribute("data-taken", Boolean(this.inTheWay(place)));
    if (this.ghost.parentElement !== lane) lane.append(this.ghost);
  }

  clear() {
    this.ghost?.remove();
    this.ghost = null;
  }

  isHome({ lane, cell, minute, minutes }) {
    if (!this.isBar) return false;
    if (cell) return cell === this.lane;
    return lane === this.lane && minute === this.start && minutes === this.minutes;
  }

  // Puts it there. A refusal that asks for something comes back as a form, which `open` shows.
  async drop(place, open) {
    if (this.isHome(place)) {
      this.clear();
      return null;
    }
    const { lane, cell, minute, minutes = this.minutes } = place;
    const row = (lane ?? cell).closest(".row");
    const sameDay = cell && this.isBar && cell.dataset.day === this.lane.dataset.day;
    const start = cell ? (sameDay ? clock(this.start) : "") : clock(minute);
    const answer = await this.board.send(this.link.href, {
      worker: row.dataset.worker,
      day: cell?.dataset.day ?? this.board.root.dataset.day,
      start,
      minutes,
      reason: "",
      version: this.version,
    });
    this.clear();
    if (answer && !answer.ok && answer.form) open.html(answer.form, this.link.href);
    return answer;
  }

  unbook() {
    return this.board.send(`${this.link.href.split("?")[0]}unbook/`, { version: this.version });
  }
}
