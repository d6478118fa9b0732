// What the board knows and how it stays true: sending changes, putting answers in place, asking for news.
// An answer carries the pulse it was read at; an older one than what is shown is dropped, and a visit that
// stands twice keeps its higher version. So an echo of one's own change never doubles anything.
import { show } from "./toasts.js";

export const clock = (minute) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function csrf() {
  const inherited = document.body.getAttribute("hx-headers:inherited");
  return JSON.parse(inherited ?? "{}")["X-CSRFToken"] ?? "";
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

export class Board {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(document.getElementById("board-words").textContent);
    this.pulse = Number(root.dataset.pulse);
    this.held = false;
    this.waiting = [];
    this.asking = false;
    this.rove();
  }

  get from() {
    return Number(this.root.dataset.from) * 60;
  }

  get to() {
    return Number(this.root.dataset.to) * 60;
  }

  get pane() {
    return this.root.querySelector(".board");
  }

  say(text) {
    document.getElementById("board-live").textContent = text;
  }

  address(url) {
    const address = new URL(url, location.href);
    const shown = new URLSearchParams(this.root.dataset.query);
    for (const [name, value] of shown) address.searchParams.set(name, value);
    for (const name of ["from", "to"]) address.searchParams.set(name, this.root.dataset[name]);
    address.searchParams.set("since", this.pulse);
    return address;
  }

  // Posts fields and puts the answer in place. Gives the answer with `ok`, or null without a server.
  async send(url, fields) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    let answer;
    try {
      const response = await fetch(this.address(url), {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-CSRFToken": csrf() },
      });
      if (response.redirected || !response.headers.get("Content-Type")?.includes("json")) {
        throw new Error(String(response.status));
      }
      answer = { ok: response.ok, ...(await response.json()) };
    } catch {
      show({ text: this.words.offline, tone: "red" });
      return null;
    }
    this.apply(answer);
    this.tell(answer);
    return answer;
  }

  tell({ ok, say, warnings = [], undo, form }) {
    if (!ok) {
      if (!form) show({ text: say, tone: "red" });
      return;
    }
    const text = [say, ...warnings].join(" ");
    const action = undo ? { url: undo, label: this.words.undo } : null;
    show({ text, tone: warnings.length ? "orange" : "green", action });
  }

  hold() {
    this.held = true;
  }

  release() {
    this.held = false;
    for (const answer of this.waiting.splice(0)) this.apply(answer);
  }

  apply(answer) {
    if (this.held) {
      this.waiting.push(answer);
      return;
    }
    if (answer.reload) {
      this.refresh();
      return;
    }
    if (!answer.rows || answer.pulse < this.pulse) return;
    this.keepFocus(() => {
      for (const html of Object.values(answer.rows)) this.putRow(element(html));
      this.putTray(element(answer.tray));
    });
    this.pulse = answer.pulse;
  }

  putRow(row) {
    const old = document.getElementById(row.id);
    if (!old) return;
    for (const bar of row.querySelectorAll(".bar")) {
      const other = document.getElementById(bar.id);
      if (!other) bar.dataset.flash = "";
      else if (Number(other.dataset.v) > Number(bar.dataset.v)) bar.remove();
      else {
        if (other.dataset.v !== bar.dataset.v) bar.dataset.flash = "";
        if (!old.contains(other)) other.remove();
      }
    }
    old.replaceWith(row);
  }

  putTray(tray) {
    const old = document.getElementById("tray");
    const top = old.querySelector(".tray-list").scrollTop;
    for (const part of [".tray-tabs", ".tray-list"]) {
      old.querySelector(part).replaceWith(tray.querySelector(part));
    }
    old.querySelector(".tray-list").scrollTop = top;
  }

  keepFocus(change) {
    const holder = document.activeElement?.closest(".bar, .card");
    const id = holder && this.root.contains(holder) ? holder.id : "";
    change();
    this.rove();
    if (!id || document.activeElement?.id === id) return;
    const place = document.getElementById(id);
    (place?.matches("a") ? place : place?.querySelector("a"))?.focus({ preventScroll: true });
  }

  // One visit and one card can be reached by Tab; arrows do the rest.
  rove(chosen = null) {
    for (const [list, item] of [
      [".board", ".bar > a"],
      [".tray", ".card"],
    ]) {
      const all = [...this.root.querySelectorAll(`${list} ${item}`)];
      if (chosen && !all.includes(chosen)) continue;
      const now = chosen ?? all.find((link) => link.tabIndex === 0) ?? all[0];
      for (const link of all) link.tabIndex = link === now ? 0 : -1;
    }
  }

  async poll() {
    if (document.hidden || this.asking) return;
    this.asking = true;
    try {
      const response = await fetch(this.address(this.root.dataset.changes), {
        headers: { Accept: "application/json" },
      });
      if (response.redirected) location.reload();
      else if (response.status === 200) this.apply(await response.json());
    } catch {
      // no server for the moment; the next round asks again
    } finally {
      this.asking = false;
    }
  }

  // Draws the whole board again in place: what changed elsewhere (stages, people) shows within a minute.
  async refresh() {
    if (document.hidden || this.held) return;
    let page;
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!response.ok || response.redirected) return;
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      return;
    }
    const fresh = page.getElementById("dispatch");
    if (!fresh || this.held || Number(fresh.dataset.pulse) < this.pulse) return;
    const pane = this.pane;
    const { scrollTop, scrollLeft } = pane;
    this.keepFocus(() => {
      for (const name of ["pulse", "from", "to"]) this.root.dataset[name] = fresh.dataset[name];
      pane.className = fresh.querySelector(".board").className;
      pane.replaceChildren(...fresh.querySelector(".board").childNodes);
      this.putTray(fresh.querySelector(".tray"));
    });
    pane.scrollTo(scrollLeft, scrollTop);
    this.pulse = Number(fresh.dataset.pulse);
  }
}
