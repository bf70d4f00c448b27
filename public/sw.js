// Keeps the console's own files, so that it opens without a network; what the API says is never kept.
// `cargo xtask build` puts the version in; another version is another file, which the browser then installs.
const VERSION = "development";
const CACHE = `latchkey-${VERSION}`;
const PAGE = "/";

self.addEventListener("install", (event) => {
  // What the API says needn't come through here, and is there some 20 ms earlier where the browser knows that.
  if (event.addRoutes) {
    event.waitUntil(event.addRoutes({ condition: { urlPattern: "/api/*" }, source: "network" }));
  }
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.add(new Request(PAGE, { cache: "reload", headers: { Accept: "text/html" } }));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // The version before stays: pages that are open still ask for its files.
      const mine = (await caches.keys()).filter((name) => name.startsWith("latchkey-"));
      const older = mine.filter((name) => name !== CACHE);
      await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

// A page tells what it loaded before it was looked after: the browser has these files, nothing is downloaded twice.
self.addEventListener("message", (event) => {
  const files = Array.isArray(event.data?.files) ? event.data.files : [];
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await Promise.allSettled(
        files
          .filter((file) => isFile(new URL(file)))
          .map(async (file) => (await cache.match(file)) ?? cache.add(file)),
      );
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && !url.pathname.startsWith("/api/")) {
    event.respondWith(page(request));
  } else if (isFile(url)) {
    event.respondWith(file(request));
  }
});

// What never changes under its name, and the few files beside it.
function isFile(url) {
  return (
    url.origin === self.location.origin &&
    !url.pathname.startsWith("/api/") &&
    /\.(js|wasm|css|json|svg|webmanifest)$/.test(url.pathname) &&
    url.pathname !== "/sw.js"
  );
}

// The newest page, or without a network the one that is kept.
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(CACHE);
    await cache.put(request, answer.clone());
  }
  return answer;
}
