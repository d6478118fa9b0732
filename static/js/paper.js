// The print view of a document: its one button.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
