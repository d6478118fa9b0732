// The filter form of a list. htmx sends it on change; this keeps empty values out of the address and
// shows how many filters are set.
export default function filters(form) {
  const fields = document.getElementById("filter-fields");
  const toggle = form.querySelector(".filter-toggle > summary");

  function count() {
    if (!fields || !toggle) return;
    const set = [...new FormData(form)].filter(
      ([name, value]) => value && fields.querySelector(`[name="${CSS.escape(name)}"]`),
    );
    toggle.querySelector(".count")?.remove();
    if (!set.length) return;
    const mark = Object.assign(document.createElement("span"), {
      className: "count",
      textContent: String(set.length),
    });
    mark.dataset.tone = "blue";
    toggle.append(mark);
  }

  form.addEventListener("htmx:config:request", (event) => {
    const { body } = event.detail.ctx.request;
    for (const [name, value] of [...body]) if (value === "") body.delete(name);
  });
  form.addEventListener("change", count);
  count();
}
