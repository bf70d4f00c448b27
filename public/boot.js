// Before the first paint, and while the console is still on its way: the theme and the language that were chosen on this
// device, the texts and the code of the page that was asked for, and what that page asks the server first. An own file,
// since the content security policy forbids inline scripts.
(() => {
  const { dataset } = document.currentScript;
  const stored = (slot) => {
    try {
      return localStorage.getItem(slot);
    } catch {
      // Storage is forbidden: what the system and the browser say it is.
      return null;
    }
  };
  const preload = (href) => {
    const link = Object.assign(document.createElement("link"), { rel: "preload", as: "fetch", crossOrigin: "anonymous", href });
    document.head.append(link);
    return link;
  };

  const root = document.documentElement;
  const theme = stored("latchkey.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  // Those of LANGUAGES in src/locale.rs.
  const wanted = [stored("latchkey.language"), ...navigator.languages.map((tag) => tag.split("-")[0])];
  root.lang = wanted.find((tag) => ["en", "es"].includes(tag)) ?? "en";
  const texts = (dataset.texts ?? "").split(" ").find((file) => file.split("/").pop().startsWith(`${root.lang}-`));

  // The chunk of each page (`chunk_of` in src/pages/mod.rs) and what it asks for first (the page itself, through src/api).
  const property = "/properties/([0-9a-f-]{36})";
  const properties = "/properties?limit=200";
  // As `first_rows` in src/query.rs.
  const rows = Math.min(50, Math.max(10, Math.ceil(innerHeight / 56)));
  const PAGES = [
    ["/my-access", "resident", ["/me/access"]],
    ["/my-access/guest-codes", "guests", []],
    ["/my-access/guest-codes/new", "issue", []],
    ["/properties", "manager", [properties]],
    [property, "manager", [properties, "/properties/$1"]],
    [`${property}/residents`, "residents", [properties, `/properties/$1/residents?limit=${rows}`]],
    [`${property}/(residents/.+|roster)`, "tenancy", [properties]],
    [`${property}/doors`, "doors", [properties, "/properties/$1/doors?limit=200"]],
    [`${property}/guest-codes`, "guests", [properties]],
    [`${property}/guest-codes/new`, "issue", [properties]],
    ["/guest-codes/[0-9a-f-]{36}", "guest", []],
    ["/audit", "audit", [properties, `/audit?limit=${rows}`]],
    ["/troubleshoot", "troubleshoot", [properties]],
    ["/my-access/check|/help|/settings", "advice", []],
    ["/pass", "pass", []],
  ];
  const { pathname, search } = location;
  const page = PAGES.find(([path]) => new RegExp(`^(${path})$`).test(pathname));
  // Only who was signed in when the console was last open is likely to be so now (src/session.rs). What isn't taken
  // (src/api/client.rs) soon is too old.
  const early = new Map();
  if (stored("latchkey.signed-in") && pathname !== "/pass") {
    const first = search ? [] : (page?.[2] ?? []).map((path) => path.replace("$1", pathname.split("/")[2]));
    for (const path of ["/session", ...first]) {
      const answer = fetch(`/api/v1${path}`, { headers: { accept: "application/json, application/problem+json" } });
      answer.catch(() => undefined);
      early.set(path, answer);
    }
    setTimeout(() => early.clear(), 10_000);
  }
  globalThis.latchkeyEarly = early;

  // After what the server is asked, for it takes a while to answer, and a browser asks for six things at once.
  if (texts) preload(texts).dataset.texts = root.lang;
  const files = (dataset.chunks ?? "").split(" ").find((chunk) => chunk.startsWith(`${page?.[1]}:`));
  files?.split(":")[1].split(",").forEach(preload);

  // As it is shipped: keep the console's files, and say when there is a newer one (src/components/newer.rs).
  if (!texts || !navigator.serviceWorker) return;
  addEventListener("load", async () => {
    const first = !navigator.serviceWorker.controller;
    const registration = await navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    if (!registration) return;
    registration.addEventListener("updatefound", () => {
      if (!first) dispatchEvent(new Event("latchkey:newer"));
    });
    const { active } = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map((entry) => entry.name);
    active?.postMessage({ files });
    addEventListener("visibilitychange", () => {
      // Fails without a network, and is tried again the next time.
      if (document.visibilityState === "visible") registration.update().catch(() => undefined);
    });
  });
})();
