// Entries made on the device: kept in IndexedDB before they are sent, sent one after the other, deleted when
// the server has them. What it does not accept stays, with its sentence, until somebody retries or discards it.
import { createStore, del, entries, set } from "../vendor/idb-keyval-6.3.0/index.js";
import { ask } from "./confirm.js";
import { refresh } from "./day-refresh.js";
import { show } from "./toasts.js";

const AGAIN = 15000;

export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";
}

export class Outbox {
  constructor(user, words) {
    this.words = words;
    this.store = createStore(`outbox-${user}`, "entries");
    this.badge = document.getElementById("sync");
    this.dialog = document.getElementById("waiting");
    this.count = 0;
    this.sending = null;
    document.addEventListener("submit", (event) => this.taken(event));
    this.badge.addEventListener("click", () => this.open());
    window.addEventListener("online", () => this.flush({ quiet: false }));
    setInterval(() => this.flush(), AGAIN);
    this.refresh().then(() => this.flush({ quiet: false }));
  }

  async all() {
    const rows = await entries(this.store);
    return rows.map(([key, entry]) => ({ ...entry, key })).sort((a, b) => a.order - b.order);
  }

  async refresh() {
    const rows = await this.all();
    const clashes = rows.filter((row) => row.say).length;
    this.count = rows.length;
    this.badge.hidden = !rows.length;
    this.badge.dataset.tone = clashes ? "red" : "orange";
    const sentence = clashes ? this.words.clash : this.words.waiting;
    this.badge.querySelector("span").textContent = fill(sentence, { count: clashes || rows.length });
    if (this.dialog.open) this.list(rows);
    return rows;
  }

  async taken(event) {
    const form = event.target;
    if (!form.matches("[data-outbox]") || event.defaultPrevented) return;
    event.preventDefault();
    form.elements.device_at.value = new Date().toISOString();
    if (!form.elements.key.value || form.dataset.kept) form.elements.key.value = uuid();
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    if (this.count) {
      // Entries of this device are on their way, so the version shown is not the one they will meet.
      for (const pair of fields) if (pair[0] === "version") pair[1] = "";
    }
    const key = form.elements.key.value;
    const entry = { url: form.action, title: form.dataset.title, at: fields.find(([n]) => n === "device_at")[1] };
    await set(key, { ...entry, fields, order: Date.now(), say: "" }, this.store);
    await this.refresh();
    await this.flush({ form, key });
  }

  // Sends what waits, oldest first. `form` and `key` are of the entry somebody is looking at.
  async flush({ form = null, key = "", quiet = true } = {}) {
    if (this.sending) {
      await this.sending;
      if (!form) return;
    }
    this.sending = this.send(form, key, quiet);
    await this.sending;
    this.sending = null;
  }

  async send(form, key, quiet) {
    let sent = 0;
    let said = "";
    for (const row of await this.all()) {
      if (row.say) continue;
      const answer = await this.post(row);
      if (!answer) {
        if (form) this.kept(form);
        break;
      }
      if (answer.ok) {
        await del(row.key, this.store);
        sent += 1;
        if (row.key === key) said = answer.say;
      } else if (row.key === key) {
        await del(row.key, this.store);
        this.refused(form, answer);
      } else await set(row.key, { ...row, key: undefined, say: answer.say }, this.store);
    }
    await this.refresh();
    if (!sent) return;
    if (said || !quiet) show({ text: said || this.words.sent, tone: "green" });
    await refresh(said ? form : null);
  }

  async post(row) {
    const body = new FormData();
    for (const [name, value] of row.fields) body.append(name, value);
    try {
      const response = await fetch(row.url, {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-CSRFToken": csrf() },
      });
      if (response.redirected || response.status === 401 || response.status === 403) {
        show({ text: this.words.signIn, tone: "orange" });
        return null;
      }
      if (response.status >= 500) return null;
      return { ok: response.ok, say: "", ...(await response.json()) };
    } catch {
      return null;
    }
  }

  kept(form) {
    form.dataset.kept = "yes";
    show({ text: this.words.kept, tone: "orange" });
    form.dispatchEvent(new CustomEvent("outbox:kept", { bubbles: true }));
    if (!form.matches(".press")) form.reset();
    form.closest("details")?.removeAttribute("open");
  }

  // Said in the corner, and by the browser at the field that has to be mended.
  refused(form, { say, field }) {
    form.elements.key.value = uuid();
    show({ text: say, tone: "red" });
    const input = field && form.elements[field];
    if (input?.setCustomValidity) {
      input.setCustomValidity(say);
      input.addEventListener("input", () => input.setCustomValidity(""), { once: true });
      input.reportValidity();
    }
    form.dispatchEvent(new CustomEvent("outbox:refused", { bubbles: true }));
  }

  async open() {
    this.list(await this.all());
    this.dialog.showModal();
  }

  list(rows) {
    const list = this.dialog.querySelector(".waiting-list");
    list.replaceChildren(...rows.map((row) => this.item(row)));
    if (!rows.length) list.append(Object.assign(document.createElement("li"), { textContent: this.words.empty }));
  }

  item(row) {
    const item = document.createElement("li");
    const title = Object.assign(document.createElement("strong"), { textContent: row.title });
    const time = new Date(row.at).toLocaleString(document.documentElement.lang, {
      dateStyle: "short",
      timeStyle: "short",
    });
    const state = row.say ? `${this.words.stateClash}: ${row.say}` : this.words.stateWaiting;
    const note = Object.assign(document.createElement("p"), { textContent: `${time} · ${state}` });
    note.className = row.say ? "danger-text" : "muted";
    item.append(title, note);
    if (row.say) item.append(this.button(this.words.retry, () => this.retry(row)), this.button(this.words.drop, () => this.drop(row)));
    return item;
  }

  button(label, action) {
    const button = Object.assign(document.createElement("button"), { textContent: label, type: "button" });
    button.className = "button";
    button.addEventListener("click", action);
    return button;
  }

  async retry({ key, ...row }) {
    const fields = row.fields.map(([name, value]) => [name, name === "version" ? "" : value]);
    await set(key, { ...row, fields, say: "" }, this.store);
    await this.refresh();
    await this.flush({ quiet: false });
  }

  async drop({ key, title }) {
    if (!(await ask(fill(this.words.dropAsk, { what: title }), { label: this.words.drop }))) return;
    await del(key, this.store);
    await this.refresh();
  }
}
