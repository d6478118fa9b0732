{% load static %}// Keeps the pages of one user's day readable without a net. Pages and files come from the net when there is
// one; else from what was kept for this user. Nothing that was sent passes here.
const user = new URL(location).searchParams.get("user");
const NAME = `day-${user}`;
const PAGES = /^\/dispatch\/(day|jobs\/\d+)\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  const others = caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => self.clients.claim()));
});

async function kept(request) {
  const cache = await caches.open(NAME);
  const found =
    (await cache.match(request)) ??
    (PAGES.test(new URL(request.url).pathname) ? await cache.match(request, { ignoreSearch: true }) : undefined);
  if (!found) return Response.error();
  const headers = new Headers(found.headers);
  headers.set("X-Kept", "1");
  return new Response(found.body, { status: found.status, headers });
}

async function fromNet(request) {
  const response = await fetch(request);
  if (response.ok && !response.redirected) {
    const cache = await caches.open(NAME);
    await cache.put(request, response.clone());
  }
  return response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (!PAGES.test(url.pathname) && !url.pathname.startsWith("{% get_static_prefix %}")) return;
  event.respondWith(fromNet(request).catch(() => kept(request)));
});
