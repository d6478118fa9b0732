// Small helps while entering: finding a part among what the van holds, and what helped with a symptom before.
export function partPicker(form) {
  const search = form.querySelector("[data-picker-search]");
  const warning = form.querySelector("[data-picker-warning]");
  const labels = [...form.querySelectorAll(".pick-list > label")];
  const lot = form.querySelector("[data-picker-lot]");
  if (lot) lot.hidden = !lot.querySelector("[aria-invalid]");

  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const label of labels) {
      const text = label.textContent.toLowerCase();
      label.hidden = !words.every((word) => text.includes(word)) && !label.querySelector(":checked");
    }
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  form.addEventListener("input", () => {
    const chosen = form.querySelector("[name=item]:checked");
    const held = chosen?.dataset.onHand;
    if (lot) lot.hidden = !chosen || !("asksLot" in chosen.dataset);
    warning.hidden = !held || Number(form.elements.quantity.value) <= Number(held);
  });
}

export function remedies(box) {
  const form = box.querySelector("form");
  const place = box.querySelector(".remedies");
  form.elements.resolution.closest(".field").after(place);

  async function ask() {
    const symptom = form.elements.symptom.value;
    place.replaceChildren();
    if (!symptom) return;
    const query = new URLSearchParams({ symptom, condition: form.elements.condition.value });
    const response = await fetch(`${box.dataset.url}?${query}`).catch(() => null);
    if (response?.ok && !response.redirected) place.innerHTML = await response.text();
  }

  form.elements.symptom.addEventListener("change", ask);
  form.elements.condition.addEventListener("change", ask);
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-resolution]");
    if (button) form.elements.resolution.value = button.dataset.resolution;
  });
}
