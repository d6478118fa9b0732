// data-confirm="Question?" on a button, link or form, and hx-confirm: asked in the page's own dialog.
// Without JavaScript the form is sent and the server may ask with core/confirm.html.
const dialog = () => document.getElementById("confirm");

export function ask(question, { label = "", note = "", tone = "danger" } = {}) {
  const box = dialog();
  if (!box) return Promise.resolve(window.confirm(question));
  const yes = box.querySelector("#confirm-yes");
  box.querySelector("#confirm-text").textContent = question;
  box.querySelector("#confirm-note").textContent = note;
  yes.textContent = label || yes.dataset.default;
  yes.dataset.variant = tone;
  box.returnValue = "";
  box.showModal();
  box.querySelector("[value=no]").focus();
  return new Promise((resolve) => {
    box.addEventListener("close", () => resolve(box.returnValue === "yes"), { once: true });
  });
}

const options = ({ dataset }) => ({
  label: dataset.confirmLabel,
  note: dataset.confirmNote,
  tone: dataset.confirmTone,
});

let agreed = null;

document.addEventListener(
  "click",
  async (event) => {
    const asked = event.target.closest?.(":is(a, button)[data-confirm]");
    if (!asked || asked === agreed || asked.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(asked.dataset.confirm, options(asked)))) return;
    agreed = asked;
    asked.click();
    agreed = null;
  },
  true,
);

document.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (!form.dataset.confirm || form === agreed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(form.dataset.confirm, options(form)))) return;
    agreed = form;
    form.requestSubmit(submitter);
    agreed = null;
  },
  true,
);

document.addEventListener("htmx:confirm", async (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (!ctx?.confirm) return;
  event.preventDefault();
  ((await ask(ctx.confirm, options(ctx.sourceElement))) ? issueRequest : dropRequest)();
});
