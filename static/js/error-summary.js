// After a refused form the first bad field has the focus; without one, the summary.
export default function errorSummary(summary) {
  const form = summary.closest("form") ?? document;
  const first = form.querySelector("[aria-invalid=true]:not([hidden])");
  (first ?? summary).focus({ preventScroll: true });
  summary.scrollIntoView({ block: "nearest" });
}
