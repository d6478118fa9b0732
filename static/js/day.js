// The technician's pages: what is entered goes through the outbox, the day stays readable without a net.
import { behaviour } from "./behaviours.js";
import { ask } from "./confirm.js";
import clock from "./day-clock.js";
import { partPicker, remedies } from "./day-entry.js";
import { Outbox, fill } from "./outbox.js";
import signature from "./signature.js";

let outbox = null;

async function keepReadable(bar) {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  const name = `day-${bar.dataset.user}`;
  for (const key of await caches.keys()) {
    if (key.startsWith("day-") && key !== name) await caches.delete(key);
  }
  await navigator.serviceWorker.register(`${bar.dataset.worker}?user=${bar.dataset.user}`);
  await navigator.serviceWorker.ready;
  const cache = await caches.open(name);
  const pages = [location.href, bar.dataset.day];
  for (const link of document.querySelectorAll("[data-job-link]")) pages.push(link.href);
  for (const page of new Set(pages.map((url) => new URL(url, location.href).href.split("#")[0]))) {
    const response = await fetch(page).catch(() => null);
    if (response?.ok && !response.redirected) await cache.put(page, response);
  }
  const files = performance
    .getEntriesByType("resource")
    .map((entry) => entry.name)
    .filter((url) => url.includes("/static/"));
  await cache.addAll([...new Set(files)]).catch(() => {});
}

function connection() {
  const note = document.getElementById("device-offline");
  const show = () => {
    if (note) note.hidden = navigator.onLine;
  };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
}

function signOut(words) {
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!form.matches("[data-sign-out]") || form.dataset.agreed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const count = outbox.count;
      const isSure = !count || (await ask(fill(words.signOutAsk, { count }), { label: words.signOut }));
      if (!isSure) return;
      if ("caches" in window) {
        for (const key of await caches.keys()) if (key.startsWith("day-")) await caches.delete(key);
      }
      const worker = await navigator.serviceWorker?.getRegistration?.().catch(() => null);
      await worker?.unregister();
      form.dataset.agreed = "yes";
      form.submit();
    },
    true,
  );
}

behaviour("device", (bar) => {
  const words = JSON.parse(document.getElementById("device-words").textContent) ?? {};
  outbox = new Outbox(bar.dataset.user, words);
  connection();
  signOut(words);
  behaviour("signature", signature);
  behaviour("part-picker", partPicker);
  behaviour("remedies", remedies);
  behaviour("clock", (foot) => clock(foot, outbox));
  document.documentElement.dataset.device = "ready";
  keepReadable(bar).then(() => {
    document.documentElement.dataset.cached = "yes";
  }, () => {});
});
