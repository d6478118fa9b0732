// <select data-behaviour="combobox" [data-url="…"]>: a search field over the select. With data-url the
// server is asked (?q=…) and answers {"results": [{"id", "text", "sub"}]}; otherwise its own options
// are searched. The select stays in the form and keeps the value, so nothing else has to know.
const WAIT = 180;
let number = 0;

function build(select) {
  const id = select.id || `combobox-${(number += 1)}`;
  const box = document.createElement("div");
  box.className = "combobox";
  const input = Object.assign(document.createElement("input"), {
    type: "text",
    id,
    autocomplete: "off",
    spellcheck: false,
    disabled: select.disabled,
    placeholder: select.dataset.placeholder ?? select.querySelector("option[value='']")?.text ?? "",
  });
  const list = Object.assign(document.createElement("ul"), { className: "combobox-list", id: `${id}-list`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", select.labels[0]?.textContent.trim() ?? "");
  const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  const mark = Object.assign(document.createElement("span"), { className: "combobox-open" });
  select.id = `${id}-select`;
  select.hidden = true;
  select.required = false;
  select.removeAttribute("aria-invalid");
  select.before(box);
  box.append(input, mark, list, select);
  return { box, input, list };
}

export default function combobox(select) {
  if (select.multiple || select.closest(".combobox")) return;
  const hadFocus = select.autofocus || document.activeElement === select;
  const { box, input, list } = build(select);
  const chosen = () => select.selectedOptions[0];
  let entries = [];
  let active = -1;
  let timer;
  let asked = 0;

  const label = () => (chosen()?.value ? chosen().text : "");
  const restore = () => {
    input.value = label();
  };

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function mark(place) {
    active = place;
    [...list.children].forEach((item, at) => item.toggleAttribute("data-active", at === place));
    const item = list.children[place];
    if (!item?.id) return;
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  }

  function draw(found) {
    entries = found;
    list.replaceChildren(
      ...found.map(({ id, text, sub }, at) => {
        const item = Object.assign(document.createElement("li"), { id: `${list.id}-${at}`, textContent: text || "–" });
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(String(id) === select.value));
        if (sub) item.append(Object.assign(document.createElement("small"), { className: "muted push", textContent: sub }));
        return item;
      }),
    );
    if (!found.length) {
      const none = Object.assign(document.createElement("li"), { textContent: select.dataset.none ?? "–" });
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const room = window.innerHeight - input.getBoundingClientRect().bottom;
    box.toggleAttribute("data-above", room < 280 && room < input.getBoundingClientRect().top);
    mark(found.length && input.value ? 0 : -1);
  }

  function local(words) {
    const wanted = words.toLocaleLowerCase().split(/\s+/);
    return [...select.options]
      .filter((option) => wanted.every((word) => option.text.toLocaleLowerCase().includes(word)))
      .map((option) => ({ id: option.value, text: option.text.replace(/^-+$/, "") }))
      .slice(0, 100);
  }

  async function search(words) {
    if (!select.dataset.url) return draw(local(words));
    const turn = (asked += 1);
    const address = new URL(select.dataset.url, window.location.href);
    address.searchParams.set("q", words);
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (turn !== asked || document.activeElement !== input) return;
    const { results = [] } = answer?.ok ? await answer.json() : {};
    draw(words || !select.querySelector("option[value='']") ? results : [{ id: "", text: "" }, ...results]);
  }

  function choose({ id, text }) {
    let option = [...select.options].find(({ value }) => value === String(id));
    if (!option) select.append((option = new Option(text, id)));
    const changed = select.value !== String(id);
    select.value = String(id);
    restore();
    close();
    if (changed) select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value.trim()), select.dataset.url ? WAIT : 0);
  });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("click", () => (list.hidden ? search("") : close()));
  input.addEventListener("focus", () => input.select());
  if (hadFocus) input.focus();
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    if (!input.value && chosen()?.value && select.querySelector("option[value='']")) choose({ id: "", text: "" });
    restore();
    close();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) return search("");
      mark((active + step + entries.length) % entries.length);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (entries[active]) choose(entries[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      restore();
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const entry = entries[[...list.children].indexOf(event.target.closest("li"))];
    if (entry) choose(entry);
  });
  select.form?.addEventListener("reset", () => setTimeout(restore));
  restore();
}
