// Before the first paint, and while the console is still on its way: the theme and the language that were chosen on this
// device, the texts and the code of the page that was asked for, and what that page asks the server first; later the same of
// pages that links lead to. As it is shipped it is in the page (xtask/src/boot.rs).
(() => {
  // From src/early.rs and src/pages/table.rs, as the page is built (xtask/src/pages.rs): the languages, how many rows of a list
  // are asked for first, and of each page its address, its chunk, what it asks for first and what it needs besides to be whole.
  const { languages, list, properties, pages, timeout } = TABLE_OF_PAGES;
  const { dataset } = document.currentScript;
  const stored = (slot) => {
    try {
      return localStorage.getItem(slot);
    } catch {
      // Storage is forbidden: what the system and the browser say it is.
      return null;
    }
  };
  // Modules by address, compiled while they arrive, for the page and the chunks' loader to start (kit/chunk-bundler).
  const modules = (globalThis.compiledModules = new Map());
  const compile = (path) => {
    const module = WebAssembly.compileStreaming(fetch(path));
    // Whoever needs it hears of it.
    module.catch(() => undefined);
    modules.set(new URL(path, location.href).href, module);
    return module;
  };

  const root = document.documentElement;
  const theme = stored("latchkey.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  const wanted = [stored("latchkey.language"), ...navigator.languages.map((tag) => tag.split("-")[0])];
  root.lang = wanted.find((tag) => languages.includes(tag)) ?? languages[0];

  // The console has failed in the middle of something: nobody can tell what of it is still right. Without its help, which it
  // may not be able to give.
  const fails = (error) => {
    const isOfTheConsole = error instanceof WebAssembly.RuntimeError || /\bwasm\b/.test(error?.stack ?? "");
    const template = isOfTheConsole && document.getElementById("broken");
    if (!template) return;
    const notice = template.content;
    for (const part of notice.querySelectorAll("[lang]")) if (part.lang !== root.lang) part.remove();
    notice.querySelector("button").addEventListener("click", () => location.reload());
    template.remove();
    // What is outside a dialog can't be pressed while it is open.
    ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(notice);
  };
  addEventListener("error", ({ error }) => fails(error));
  addEventListener("unhandledrejection", ({ reason }) => fails(reason));

  // Tabs tell each other who is signed in, by id, or that nobody is any more (src/session.rs).
  const tabs = new BroadcastChannel("latchkey.session");
  tabs.onmessage = ({ data }) => dispatchEvent(new CustomEvent("latchkey:session", { detail: data }));
  globalThis.latchkeyTell = (who) => tabs.postMessage(who);
  // The browser may keep the page for *Back*. By then it may be somebody else's: it is covered until the console knows.
  addEventListener("pagehide", () => root.classList.add("covered"));

  // The texts of a chunk, or without a name those that every visit needs (src/locale.rs). A failed request is made again.
  const texts = new Map();
  const ofTexts = (chunk) => {
    if (!texts.has(chunk)) {
      const name = chunk ? `${root.lang}-${chunk}` : root.lang;
      const arrive = fetch(`${dataset.texts}/${name}.json`).then((response) => (response.ok ? response.json() : Promise.reject(response)));
      arrive.catch(() => texts.delete(chunk));
      texts.set(chunk, arrive);
    }
    return texts.get(chunk);
  };
  globalThis.latchkeyTexts = ofTexts;

  // As `first_rows` in src/query.rs.
  const height = innerWidth < list.narrow ? list.card : list.row;
  const rows = Math.min(list.most, Math.max(list.least, Math.ceil((innerHeight - list.above) / height)));
  // `{name}` is an id in addresses, and what it was in requests.
  const NAMED = /{(\w+)}/g;
  const pageAt = (pathname) => {
    for (const [address, chunk, first, besides] of pages) {
      const found = new RegExp(`^${address.replace(NAMED, "(?<$1>[0-9a-f-]{36})")}$`).exec(pathname);
      const values = { rows, ...found?.groups };
      const of = (requests) => requests.map((request) => request.replace(NAMED, (_, name) => values[name]));
      if (found) return { chunk, first: of(first), besides: of(besides) };
    }
  };

  // What happens at the server (src/live.rs), as events of kind and ids: one of the browser's tabs that are shown follows it and
  // passes it on to the others. A tab that is hidden still hears of it while another is shown.
  const followed = new BroadcastChannel("latchkey.live");
  // The last event that was heard of, or that is older than everything on this page.
  let heard;
  const number = (id) => Number(id.split("-")[1]);
  // What is read first says which events are in it. The oldest of that counts.
  const noteAge = (id) => {
    if (id && !isFollowing && (!heard || number(id) < number(heard))) heard = id;
  };
  let isFollowing = false;
  const hear = ([id, ...event]) => {
    isFollowing = true;
    if (id) heard = id;
    // What was requested for the next page may be from before it.
    if (id && event[0] !== "alive") early.clear();
    dispatchEvent(new CustomEvent("latchkey:live", { detail: event }));
  };
  followed.onmessage = ({ data }) => hear(data);
  const passOn = (...event) => {
    followed.postMessage(event);
    hear(event);
  };
  const connect = (signal) => {
    let failures = 0;
    let source, timer;
    const open = () => {
      source = new EventSource(`/api/v1/events${heard ? `?after=${heard}` : ""}`);
      source.onopen = () => {
        failures = 0;
        passOn("", "current");
        expect();
      };
      source.onmessage = ({ data, lastEventId }) => {
        const { kind, ...rest } = JSON.parse(data);
        passOn(lastEventId, kind, ...Object.values(rest).map(String));
        expect();
        // Another stream of this session is newer, and would end if this one came back at once.
        if (kind === "superseded") later(60_000);
      };
      source.onerror = fail;
    };
    const later = (wait) => {
      source.close();
      clearTimeout(timer);
      timer = setTimeout(open, wait);
    };
    const fail = () => {
      passOn("", failures++ ? "behind" : "interrupted");
      later(Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random()));
    };
    // The server says every 20 seconds that it is there.
    const expect = () => {
      clearTimeout(timer);
      timer = setTimeout(fail, 45_000);
    };
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      source.close();
    });
    open();
  };
  let isWanted = false;
  let ends;
  const follow = () => {
    if ((isWanted && !document.hidden) === Boolean(ends)) return;
    if (ends) return void (ends = ends.abort());
    ends = new AbortController();
    const { signal } = ends;
    const hold = () =>
      new Promise((release) => {
        if (signal.aborted) return release();
        signal.addEventListener("abort", release);
        connect(signal);
      });
    // The browser has no locks where it has no secure contexts: each tab follows by itself.
    if (!navigator.locks) return connect(signal);
    // Rejected where it isn't wanted any more before it is this tab's turn.
    navigator.locks.request("latchkey.live", { signal }, hold).catch(() => undefined);
  };
  document.addEventListener("visibilitychange", follow);
  // What happened while the browser kept the page for *Back* isn't known.
  addEventListener("pageshow", ({ persisted }) => persisted && hear(["", "reset"]));
  globalThis.latchkeyFollow = (wanted) => {
    isWanted = wanted;
    // Not while the page that is opening needs the network; what happens until then is caught up with.
    setTimeout(follow, wanted && 1_000);
  };

  // Answers with their bodies, until they are taken (src/api/client.rs). What isn't taken soon is too old.
  const early = new Map();
  const ask = (path, forget) => {
    if (!early.has(path)) {
      const headers = { accept: "application/json, application/problem+json" };
      const signal = AbortSignal.timeout(timeout);
      const answer = fetch(`/api/v1${path}`, { headers, signal }).then(async (response) => {
        noteAge(response.headers.get("events-at"));
        return [response, await response.text()];
      });
      answer.catch(() => undefined);
      early.set(path, answer);
      setTimeout(() => early.get(path) === answer && early.delete(path), forget);
    }
    return early.get(path);
  };

  // Only who was signed in when the console was last open is likely to be so now (src/session.rs).
  const { pathname, search } = location;
  const page = pageAt(pathname);
  // The tab's history may remember that something is searched for, in a second line (src/location.rs).
  const isSearched = /\n./.test(history.state);
  if (stored("latchkey.signed-in") && !/^\/(pass|set-up|invitation|forgot-password|reset-password|confirm-address)$/.test(pathname)) {
    for (const path of ["/session", ...(search || isSearched ? [] : (page?.first ?? []))]) ask(path, 10_000);
  }
  globalThis.latchkeyEarly = early;
  // Requests for what somebody is about to need (`prefetch` in src/api/client.rs).
  const prefetch = (path) => ask(path, 5_000);
  globalThis.latchkeyPrefetch = (path) => void prefetch(path);

  // The path to which a press of a link leads (src/pages/prefetch.rs), once what its page needs is there, and at the latest when
  // one would begin to notice. Nothing where that is nothing, or where filters in the address make it something else. The
  // console has the properties already.
  globalThis.latchkeyPressed = (event) => {
    const { button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event;
    const link = event.target.closest?.("a[href^='/']:not([target], [download], [rel~=external])");
    const elsewhere = button > 0 || ctrlKey || metaKey || shiftKey || altKey || defaultPrevented;
    if (!link || elsewhere || link.search || link.hash || link.pathname === location.pathname || !navigator.onLine) return;
    const { first = [], besides = [] } = pageAt(link.pathname) ?? {};
    const answers = [...first, ...besides].filter((path) => path !== properties).map(prefetch);
    if (answers.length === 0) return;
    const noticed = new Promise((resolve) => setTimeout(resolve, 100));
    return Promise.race([Promise.allSettled(answers), noticed]).then(() => link.pathname);
  };

  // After what the server is asked, for it takes a while to answer, and a browser asks for six things at once.
  if (dataset.program) compile(dataset.program);
  if (dataset.texts) ofTexts("");
  const files = (dataset.chunks ?? "").split(" ").find((chunk) => chunk.startsWith(`${page?.chunk}:`));
  let isHere = false;
  const code = files ? [ofTexts(page.chunk), ...files.split(":")[1].split(",").map(compile)] : [];
  Promise.all(code).then(() => (isHere = true), () => undefined);
  globalThis.latchkeyIsHere = () => isHere;

  // As it is shipped: keep the console's files, and say when there is a newer one (src/components/newer.rs).
  if (!dataset.texts || !navigator.serviceWorker) return;
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
