// The board without a pointer: arrows walk, Space picks up, arrows carry, Enter puts down, Escape lets be.
import { ask } from "./confirm.js";
import { fill } from "./board-state.js";
import { Item } from "./board-item.js";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
const MORNING = 8 * 60;

function nearest(links, x) {
  const far = (link) => Math.abs(link.getBoundingClientRect().left - x);
  return links.reduce((best, link) => (!best || far(link) < far(best) ? link : best), null);
}

function neighbour(link, key) {
  if (link.matches(".card")) {
    const cards = [...document.querySelectorAll(".tray .card")];
    return cards[cards.indexOf(link) + (key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1)];
  }
  const row = link.closest(".row");
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const links = [...row.querySelectorAll(".bar > a")];
    return links[links.indexOf(link) + (key === "ArrowLeft" ? -1 : 1)];
  }
  const rows = [...document.querySelectorAll(".board .row")].filter((other) => other.querySelector(".bar"));
  const next = rows[rows.indexOf(row) + (key === "ArrowUp" ? -1 : 1)];
  return next && nearest([...next.querySelectorAll(".bar > a")], link.getBoundingClientRect().left);
}

class Carry {
  constructor(board, link) {
    this.board = board;
    this.link = link;
    this.item = new Item(board, link.closest(".bar") ?? link);
    this.spots = [...board.root.querySelectorAll(".lane, .cell")];
    board.hold();
    this.item.element.dataset.lifted = "";
    const { item } = this;
    const spot = item.lane ?? this.spots[0];
    const start = item.start ?? item.snap(spot, Math.max(Number(board.root.dataset.now) || 0, MORNING));
    this.place = spot.matches(".cell")
      ? { cell: spot }
      : { lane: spot, minute: start, minutes: item.minutes };
    item.preview(this.place);
    board.say(`${fill(board.words.picked, { what: item.name })} ${item.words(this.place)}`);
  }

  move(event) {
    const { item, place } = this;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    const isAcross = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (place.cell) this.place = { cell: this.stepCell(place.cell, step, isAcross) };
    else if (isAcross) {
      const lane = this.spots[this.spots.indexOf(place.lane) + step] ?? place.lane;
      this.place = { ...place, lane };
    } else {
      const by = event.shiftKey ? 60 : Number(place.lane.closest(".row").dataset.snap);
      this.place = { ...place, minute: item.snap(place.lane, place.minute + step * by) };
    }
    item.preview(this.place);
    const spot = this.place.lane ?? this.place.cell;
    for (const old of this.board.root.querySelectorAll("[data-over]")) old.removeAttribute("data-over");
    spot.dataset.over = "";
    (item.ghost ?? spot).scrollIntoView({ block: "nearest", inline: "nearest" });
    this.board.say(item.words(this.place));
  }

  stepCell(cell, step, isAcross) {
    const cells = [...cell.closest(".row").querySelectorAll(".cell")];
    if (!isAcross) return cells[cells.indexOf(cell) + step] ?? cell;
    const rows = [...this.board.root.querySelectorAll(".row")];
    const row = rows[rows.indexOf(cell.closest(".row")) + step];
    return row?.querySelectorAll(".cell")[cells.indexOf(cell)] ?? cell;
  }

  stop() {
    for (const old of this.board.root.querySelectorAll("[data-over]")) old.removeAttribute("data-over");
    delete this.item.element.dataset.lifted;
    this.board.release();
  }

  async drop(open) {
    this.stop();
    const answer = await this.item.drop(this.place, open);
    if (!answer) this.board.say(this.board.words.left);
    else this.board.say([answer.say, ...(answer.warnings ?? [])].join(" "));
    if (answer?.booking) document.querySelector(`#bar-${answer.booking} > a`)?.focus();
    else this.link.focus();
  }

  cancel() {
    this.item.clear();
    this.stop();
    this.board.say(this.board.words.left);
  }
}

export default function keys(board, open) {
  const { root } = board;
  let carry = null;

  async function takeOff(link) {
    const item = new Item(board, link.closest(".bar"));
    const question = fill(board.words.unbook, { what: item.name });
    if (await ask(question, { label: board.words.unbookLabel })) item.unbook();
  }

  function resize(link, sign) {
    const item = new Item(board, link.closest(".bar"));
    if (!item.lane.matches(".lane")) return;
    const step = Number(item.lane.closest(".row").dataset.snap);
    const minutes = Math.max(item.minutes + sign * step, step);
    item.drop({ lane: item.lane, minute: item.start, minutes }, open);
  }

  function carried(event) {
    if (ARROWS.includes(event.key)) carry.move(event);
    else if (event.key === "Enter" || event.key === " ") {
      const put = carry;
      carry = null;
      put.drop(open);
    } else if (event.key === "Escape") {
      carry.cancel();
      carry = null;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function walked(event, link) {
    if (ARROWS.includes(event.key)) neighbour(link, event.key)?.focus();
    else if (event.key === " ") {
      if ("fixed" in (link.closest(".bar")?.dataset ?? {})) board.say(board.words.fixed);
      else carry = new Carry(board, link);
    } else if (event.key === "m" || event.key === "M") open(link.href);
    else if (event.key === "Delete" && link.closest(".bar")) takeOff(link);
    else if (event.key === "+" && link.closest(".bar")) resize(link, 1);
    else if ((event.key === "-" || event.key === "−") && link.closest(".bar")) resize(link, -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  root.addEventListener("keydown", (event) => {
    const link = event.target.closest(".bar > a, .card");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    if (carry) carried(event);
    else walked(event, link);
  });
  root.addEventListener("focusin", (event) => {
    const link = event.target.closest(".bar > a, .card");
    if (link) board.rove(link);
  });
  root.addEventListener("focusout", () => {
    if (!carry) return;
    setTimeout(() => {
      if (!carry || root.contains(document.activeElement)) return;
      carry.cancel();
      carry = null;
    });
  });
}
