// Ctrl+Enter (or Cmd+Enter) sends the form from any field of it.
export default function submitKeys(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button:not([type=button], [formaction])"));
  });
}
