// Before the first paint, and while the console is still on its way: the theme and the language that were chosen on this
// device, the texts and the code of the page that was asked for, and what that page asks the server first; later the same of
// pages that links lead to. As it is shipped it is in the page (xtask/src/boot.rs).
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

  // Of each page: its chunk (`chunk_of` in src/pages/mod.rs), what it asks for first (the page itself, through src/api), and
  // what it needs besides to be whole.
  const id = "([0-9a-f-]{36})";
  const property = `/properties/${id}`;
  const properties = "/properties?limit=200";
  // As `first_rows` in src/query.rs; a resident's events as `SHOWN` in src/components/history.rs.
  const rows = Math.min(50, Math.max(6, Math.ceil((innerHeight - 200) / (innerWidth < 800 ? 88 : 44))));
  const PAGES = [
    ["/my-access", "resident", ["/me/access"]],
    ["/my-access/guest-codes", "guests", []],
    ["/my-access/guest-codes/new", "issue", []],
    ["/properties", "manager", [properties]],
    [property, "manager", [properties, "/properties/$1"]],
    [`${property}/residents`, "residents", [properties, `/properties/$1/residents?limit=${rows}`]],
    [
      `${property}/residents/${id}`,
      "tenancy",
      [properties, "/properties/$1/residents/$2"],
      ["/audit?resident=$2&limit=8", `/guest-codes?property=$1&resident=$2&limit=${rows}`],
    ],
    [`${property}/roster`, "tenancy", [properties]],
    [`${property}/doors`, "doors", [properties, "/properties/$1/doors?limit=200"]],
    [`${property}/guest-codes`, "guests", [properties]],
    [`${property}/guest-codes/new`, "issue", [properties]],
    [`/guest-codes/${id}`, "guest", []],
    ["/audit", "audit", [properties, `/audit?limit=${rows}`]],
    ["/troubleshoot", "troubleshoot", [properties]],
    ["/my-access/check|/help|/settings", "advice", []],
    ["/pass", "pass", []],
  ];
  const pageAt = (pathname) => {
    for (const [path, chunk, first, besides = []] of PAGES) {
      const found = new RegExp(`^(?:${path})$`).exec(pathname);
      const of = (paths) => paths.map((path) => path.replace(/\$(\d)/g, (_, group) => found[group]));
      if (found) return { chunk, first: of(first), besides: of(besides) };
    }
  };

  // Answers with their bodies, until they are taken (src/api/client.rs). What isn't taken soon is too old.
  const early = new Map();
  const ask = (path, forget) => {
    if (!early.has(path)) {
      const headers = { accept: "application/json, application/problem+json" };
      const answer = fetch(`/api/v1${path}`, { headers }).then(async (response) => [response, await response.text()]);
      answer.catch(() => undefined);
      early.set(path, answer);
      setTimeout(() => early.get(path) === answer && early.delete(path), forget);
    }
    return early.get(path);
  };

  // Only who was signed in when the console was last open is likely to be so now (src/session.rs).
  const { pathname, search } = location;
  const page = pageAt(pathname);
  if (stored("latchkey.signed-in") && pathname !== "/pass") {
    for (const path of ["/session", ...(search ? [] : (page?.first ?? []))]) ask(path, 10_000);
  }
  globalThis.latchkeyEarly = early;
  // What somebody is about to ask for (`ahead` in src/api/client.rs).
  const askAhead = (path) => ask(path, 5_000);
  globalThis.latchkeyAskAhead = (path) => void askAhead(path);

  // The path to which a press of a link leads (src/pages/ahead.rs), once what its page needs is there, and at the latest when
  // one would begin to notice. Nothing where that is nothing, or where filters in the address make it something else. The
  // console has the properties already.
  globalThis.latchkeyAhead = (event) => {
    const { button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event;
    const link = event.target.closest?.("a[href^='/']:not([target], [download], [rel~=external])");
    const elsewhere = button > 0 || ctrlKey || metaKey || shiftKey || altKey || defaultPrevented;
    if (!link || elsewhere || link.search || link.hash || link.pathname === location.pathname || !navigator.onLine) return;
    const { first = [], besides = [] } = pageAt(link.pathname) ?? {};
    const answers = [...first, ...besides].filter((path) => path !== properties).map(askAhead);
    if (answers.length === 0) return;
    const noticed = new Promise((resolve) => setTimeout(resolve, 100));
    return Promise.race([Promise.allSettled(answers), noticed]).then(() => link.pathname);
  };

  // After what the server is asked, for it takes a while to answer, and a browser asks for six things at once.
  if (texts) preload(texts).dataset.texts = root.lang;
  const files = (dataset.chunks ?? "").split(" ").find((chunk) => chunk.startsWith(`${page?.chunk}:`));
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
