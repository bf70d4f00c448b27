// Caches the console's own files, so that it opens without a network; API answers are never cached.
// `cargo xtask build` inserts the version; the browser installs a file with another version.
const VERSION = "development";
const CACHE = `latchkey-${VERSION}`;
const PAGE = "/";

self.addEventListener("install", (event) => {
  // API answers needn't pass through here, and arrive some 20 ms earlier in browsers that support this.
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
      // The previous version stays: open pages still need its files.
      const mine = (await caches.keys()).filter((name) => name.startsWith("latchkey-"));
      const older = mine.filter((name) => name !== CACHE);
      await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

// A page lists what it loaded before the worker controlled it. The browser has these files, so nothing is downloaded twice.
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

// Files that never change under their name, and the few others.
function isFile(url) {
  return (
    url.origin === self.location.origin &&
    !url.pathname.startsWith("/api/") &&
    /\.(js|wasm|css|json|svg|png|webmanifest)$/.test(url.pathname) &&
    url.pathname !== "/sw.js"
  );
}

// The newest page, or without a network the cached one.
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const cached = await caches.match(PAGE);
    if (cached) return cached;
    throw error;
  }
}

async function file(request) {
  const cached = await caches.match(request);
  if (cached) return cached;
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(CACHE);
    await cache.put(request, answer.clone());
  }
  return answer;
}
