// Warns before a half-filled form is left behind.
const OURS = ["csrfmiddlewaretoken", "page_visit"];
const state = (form) => new URLSearchParams(
  [...new FormData(form)].filter(([name]) => !OURS.includes(name))
    .map(([name, value]) => [name, value instanceof File ? value.name : value]),
).toString();

export default function unsaved(form) {
  let clean = state(form);
  const refused = Boolean(form.querySelector("[aria-invalid=true]"));
  form.addEventListener("submit", () => {
    clean = null;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) clean = state(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if (clean === null || !form.isConnected) return;
    if (state(form) !== clean || (refused && form.dataset.touched)) event.preventDefault();
  });
  form.addEventListener("input", () => {
    form.dataset.touched = "true";
  });
}
