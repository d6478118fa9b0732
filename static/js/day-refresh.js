// Brings a page up to date after something was sent, without touching what somebody is just typing.
const isDirty = (region) =>
  [...region.querySelectorAll("input, select, textarea")].some((field) => {
    if (["key", "device_at", "version", "csrfmiddlewaretoken"].includes(field.name)) return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.matches("select")) {
      const usual = [...field.options].findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(usual, 0);
    }
    return field.value !== field.defaultValue;
  });

// Hidden fields have no defaultValue of their own: what the script put there counts as typed.
const hasInk = (region) => Boolean(region.querySelector("[name=strokes]")?.value);

// Two regions that only differ in what each page is made with are the same: a press on one of its buttons goes on.
function bare(region) {
  const copy = region.cloneNode(true);
  for (const name of ["key", "device_at", "csrfmiddlewaretoken"]) {
    for (const field of copy.querySelectorAll(`[name=${name}]`)) field.setAttribute("value", "");
  }
  return copy;
}

export async function refresh(from = null, tries = 5) {
  let page;
  try {
    const response = await fetch(location.href);
    if (!response.ok || response.redirected) return;
    if (response.headers.get("X-Kept")) {
      // The net is not quite there: what was kept is older than what was just sent.
      if (tries) setTimeout(() => refresh(from, tries - 1), 1500);
      return;
    }
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return;
  }
  const mine = from?.closest("[data-region]");
  for (const region of document.querySelectorAll("[data-region]")) {
    const fresh = page.getElementById(region.id);
    if (!fresh) region.remove();
    else if (region !== mine && (isDirty(region) || hasInk(region))) {
      const [now, next] = [region, fresh].map((place) => place.querySelector("[name=version]"));
      if (now && next) now.value = next.value;
    } else if (region === mine || !bare(region).isEqualNode(bare(fresh))) {
      if (region !== mine && region.open) fresh.open = true;
      region.replaceWith(document.importNode(fresh, true));
    }
  }
  const place = mine && document.getElementById(mine.id);
  place?.querySelector("summary, .button")?.focus({ preventScroll: true });
}
