// Tabs that are wider than their place: the current one is in view, and the side where more follow fades.
export default function tabs(nav) {
  function mark() {
    const gone = Math.abs(nav.scrollLeft);
    nav.toggleAttribute("data-before", gone > 1);
    nav.toggleAttribute("data-after", gone < nav.scrollWidth - nav.clientWidth - 1);
  }

  const current = nav.querySelector("[aria-current]");
  if (current) {
    const place = nav.getBoundingClientRect();
    const tab = current.getBoundingClientRect();
    nav.scrollLeft += tab.left + tab.width / 2 - place.left - place.width / 2;
  }
  nav.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(nav);
}
