// A form is sent once. A second click while it travels does nothing; coming back with the browser's
// back button frees it again. A form that answers with a file says data-download.
const FREE_AGAIN = 10000;
const sent = new WeakSet();

function hold(form, submitter) {
  sent.add(form);
  if (submitter?.matches(".button")) submitter.setAttribute("data-busy", "");
  submitter?.setAttribute("aria-disabled", "true");
}

function free(form) {
  sent.delete(form);
  for (const button of document.querySelectorAll("[data-busy]")) {
    if (button.form === form) {
      button.removeAttribute("data-busy");
      button.removeAttribute("aria-disabled");
    }
  }
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (event.defaultPrevented && !form.matches("[data-htmx-powered]")) return;
  if (submitter?.matches("[data-htmx-powered]")) return;
  hold(form, submitter);
  setTimeout(() => free(form), form.hasAttribute("data-download") ? 1500 : FREE_AGAIN);
});

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail?.ctx?.request?.form ?? event.target.closest?.("form");
  if (form) free(form);
});

// What the device keeps or the server refuses is in front of its user again.
for (const answer of ["outbox:refused", "outbox:kept"]) {
  document.addEventListener(answer, (event) => free(event.target));
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(free);
});
