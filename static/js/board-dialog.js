// The “Schedule …” form of a visit or card in a dialog: the same page, fetched as a region.
export default function dialog(board) {
  const box = document.getElementById("schedule-dialog");
  const body = document.getElementById("schedule-body");
  let cameFrom = "";

  function html(markup) {
    body.innerHTML = markup;
    window.htmx?.process(body);
    if (!box.open) box.showModal();
    body.querySelector("[aria-invalid=true], select, input:not([type=hidden])")?.focus();
  }

  async function open(url) {
    cameFrom = document.activeElement?.closest(".bar, .card")?.id ?? "";
    try {
      const response = await fetch(board.address(url), {
        headers: { "HX-Request": "true", "HX-Target": "schedule" },
      });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      html(await response.text());
    } catch {
      location.assign(url);
    }
  }

  open.html = html;

  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const answer = await board.send(event.target.action, Object.fromEntries(new FormData(event.target)));
    if (answer?.form) html(answer.form);
    else if (answer) box.close(); // what was said stands on the board, and nobody hears it behind a dialog
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener("close", () => {
    const place = document.getElementById(cameFrom);
    (place?.matches("a") ? place : place?.querySelector("a"))?.focus({ preventScroll: true });
    body.replaceChildren();
  });

  if ("canChange" in board.root.dataset) {
    board.root.addEventListener("click", (event) => {
      const link = event.target.closest(".bar > a, .card");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open(link.href);
    });
  }
  return open;
}
