// A field that only some choices of another need: hidden and emptied otherwise. Without JavaScript it
// is always there, and the server says what does not fit.
//   data-depends-on="unit" data-depends-values="MONTH YEAR" data-depends-empty="" on the control
export default function depends(control) {
  const { dependsOn, dependsValues, dependsEmpty = "" } = control.dataset;
  const other = control.form?.elements.namedItem(dependsOn);
  const field = control.closest(".field");
  if (!other || !field) return;
  const values = dependsValues.split(" ");

  function follow() {
    field.hidden = !values.includes(other.value);
    if (field.hidden) control.value = dependsEmpty;
  }

  other.addEventListener("change", follow);
  follow();
}
