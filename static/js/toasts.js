// Messages in the corner. Those of the page are there already; later ones come as an event:
//   HX-Trigger: {"toast": {"text": "Saved.", "tone": "green", "action": {"url": "…", "label": "Undo"}}}
// or document.body.dispatchEvent(new CustomEvent("toast", {detail: {…}})).
const STAYS = 7000;

function csrf() {
  const inherited = document.querySelector("[hx-headers\\:inherited]");
  return JSON.parse(inherited?.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";
}

function actionForm({ url, label }) {
  const form = document.createElement("form");
  form.className = "toast-action";
  form.method = "post";
  form.action = url;
  form.setAttribute("hx-post", url);
  form.setAttribute("hx-swap", "none");
  const token = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: "csrfmiddlewaretoken",
    value: csrf(),
  });
  const button = Object.assign(document.createElement("button"), { className: "button", textContent: label });
  button.dataset.size = "sm";
  form.append(token, button);
  return form;
}

// What was refused is settled by whatever succeeds after it.
export function show({ text, tone = "blue", action = null, sticky = false }) {
  if (tone !== "red") document.querySelectorAll("#toasts .toast[data-tone=red]").forEach((old) => old.remove());
  const template =
    document.getElementById(`toast-${tone}`) ?? document.getElementById("toast-blue");
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.toggleAttribute("data-sticky", sticky || tone === "red");
  toast.querySelector(".toast-text").textContent = text;
  if (action) toast.querySelector(".toast-text").after(actionForm(action));
  document.getElementById("toasts").append(toast);
  window.htmx?.process(toast);
}

export function toast(element) {
  let timer;
  const leave = () => {
    element.setAttribute("data-leaving", "");
    setTimeout(() => element.remove(), 240);
  };
  const wait = () => {
    clearTimeout(timer);
    if (!element.hasAttribute("data-sticky")) timer = setTimeout(leave, STAYS);
  };
  element.querySelector("[data-dismiss]")?.addEventListener("click", leave);
  element.querySelector(".toast-action")?.addEventListener("submit", () => setTimeout(leave));
  for (const name of ["pointerenter", "focusin"]) {
    element.addEventListener(name, () => clearTimeout(timer));
  }
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, wait);
  if (element.dataset.tone === "red") element.setAttribute("data-sticky", "");
  wait();
}

export function toasts() {
  document.body.addEventListener("toast", (event) => {
    const detail = event.detail ?? {};
    show({ ...detail, text: detail.text ?? detail.value ?? "" });
  });
  document.body.addEventListener("htmx:error", (event) => {
    const text = document.getElementById("toasts").dataset.offline;
    if (text && event.detail?.error?.name !== "AbortError") show({ text, tone: "red" });
  });
}
