// The dispatch board: everything a hand does on it. The server draws; each change is a POST of the form
// that also works without this script, and the answer holds the rows that changed.
import { behaviour } from "./behaviours.js";
import { Board } from "./board-state.js";
import dialog from "./board-dialog.js";
import drag from "./board-drag.js";
import hover from "./board-hover.js";
import keys from "./board-keys.js";

const POLL = 2000;
const REFRESH = 60000;

function nowLine(board) {
  const opened = Date.now();
  setInterval(() => {
    const line = document.getElementById("now");
    if (!line) return;
    const minute = Number(board.root.dataset.now) + Math.floor((Date.now() - opened) / 60000);
    const step = Math.floor((minute - board.from) / 5);
    line.hidden = step < 0 || minute >= board.to;
    line.className = `now s-${Math.max(step, 0)}`;
  }, 15000);
}

// How somebody likes the board is kept on the server, so that it stands as it is before this script runs.
function layout(root) {
  const form = document.getElementById("board-layout");
  const button = document.getElementById("tray-toggle");
  let visible = root.dataset.tray === "hidden" ? "normal" : root.dataset.tray;
  const keep = () => {
    const chosen = new FormData(form);
    root.dataset.tray = chosen.get("tray");
    root.dataset.rows = chosen.get("rows");
    if (root.dataset.tray !== "hidden") visible = root.dataset.tray;
    button.setAttribute("aria-expanded", String(root.dataset.tray !== "hidden"));
    fetch(form.action, { method: "POST", body: chosen, headers: { Accept: "application/json" } });
  };
  document.addEventListener("change", (event) => {
    if (event.target.form === form) keep();
  });
  button.addEventListener("click", () => {
    const wanted = root.dataset.tray === "hidden" ? visible : "hidden";
    [...form.elements.tray].find((radio) => radio.value === wanted).checked = true;
    keep();
  });
}

// Undo is a form wherever it stands: in the toolbar, in a message.
function undo(board) {
  const path = new URL(board.root.dataset.undo, location.href).pathname;
  document.addEventListener(
    "submit",
    (event) => {
      if (new URL(event.target.action).pathname !== path) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      event.target.closest(".toast")?.querySelector("[data-dismiss]")?.click();
      board.send(event.target.action, {});
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.shiftKey) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    board.send(board.root.dataset.undo, {});
  });
}

function filters(root) {
  const form = document.querySelector(".board-filters");
  form?.addEventListener("change", (event) => {
    if (event.target.form !== form) return;
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    location.assign(`${location.pathname}?${query}`);
  });
  let timer;
  root.addEventListener("input", (event) => {
    if (event.target.name !== "q") return;
    clearTimeout(timer);
    timer = setTimeout(() => event.target.form.requestSubmit(), 300);
  });
  root.addEventListener("change", (event) => {
    if (event.target.name === "sort") event.target.form.requestSubmit();
  });
}

behaviour("board", (root) => {
  const board = new Board(root);
  const open = dialog(board);
  layout(root);
  filters(root);
  nowLine(board);
  hover(board);
  if ("canChange" in root.dataset) {
    undo(board);
    drag(board, open);
    keys(board, open);
  }
  setInterval(() => board.poll(), POLL);
  setInterval(() => board.refresh(), REFRESH);
  root.dataset.ready = "";
});
