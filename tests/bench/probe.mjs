// Runs inside the page before its own scripts, so that the connection to the browser doesn't distort the times.

/** Rows of the page's table; placeholders for rows out of view are hidden from screen readers. */
export const ROWS = "main table tbody tr:not([aria-hidden])";

/** Creates `window.bench`. It is passed to the page as text, so it can't use anything outside itself. */
export function probe(selector) {
  const rows = () => [...document.querySelectorAll(selector)].filter((row) => row.textContent.trim() !== "");
  const text = () => rows().map((row) => row.textContent).join("\n");
  // Called in an animation frame: runs in the first task after it, when it has been painted.
  const afterPaint = (then) => setTimeout(then, 0);

  // Reading all rows takes time, so it is done only after something has changed.
  let changed = true;
  new MutationObserver(() => (changed = true)).observe(document, { childList: true, subtree: true, characterData: true });
  const once = () => changed && !(changed = false);

  // When each of these numbers of rows was first reached.
  const begun = new Map();
  const watch = () => {
    const count = once() ? rows().length : 0;
    for (const least of [1, 13, 20]) {
      if (count >= least && !begun.has(least)) {
        begun.set(least, null);
        afterPaint(() => begun.set(least, performance.now()));
      }
    }
    if (!begun.has(20)) requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);

  /** Conditions to wait for. */
  const CONDITIONS = {
    /** Rows have changed, and each contains this text. */
    rowsWith: (wanted, before) => {
      const now = rows();
      const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
      return now.length > 0 && now.every((row) => plain(row.textContent).includes(plain(wanted))) && text() !== before;
    },
    /** The first rows have changed. Only the first one may be the same in two orders. */
    otherRows: (_, before) => {
      const beginning = (all) => all.split("\n").slice(0, 10).join("\n");
      return beginning(text()) !== beginning(before) && rows().length > 0;
    },
    /** Rows have been added at the end. */
    moreRows: (_, before) => rows().length > 0 && text().split("\n").at(-1) !== before.split("\n").at(-1),
    /** A page with this heading is shown, without skeletons. */
    page: (wanted) =>
      document.querySelector("main h1")?.textContent.includes(wanted) && !document.querySelector("main .skeleton"),
  };

  window.bench = {
    rows,

    /** When the first frame with at least that many rows was painted. */
    painted: (least) =>
      new Promise((resolve) => {
        const look = () => (begun.get(least) ? resolve(begun.get(least)) : setTimeout(look, 5));
        look();
      }),

    /** Prepares to time from the next event of these kinds until the condition holds; `bench.took` has the result. */
    expect: ({ events, condition, wanted }) => {
      const before = text();
      let start = null;
      changed = true;
      for (const kind of events) {
        addEventListener(kind, (event) => (start ??= event.timeStamp), { capture: true, once: true });
      }
      window.bench.took = new Promise((resolve, reject) => {
        const limit = performance.now() + 30_000;
        const look = () => {
          if (start !== null && once() && CONDITIONS[condition](wanted, before)) afterPaint(() => resolve(performance.now() - start));
          else if (performance.now() > limit) reject(new Error(`no result of ${events}: ${condition} ${wanted ?? ""}`));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      // Whoever awaits it gets the error.
      window.bench.took.catch(() => {});
    },

    /** Starts to record the duration of each frame, and how many had blank space where rows should be. */
    beginFrames: () => {
      const frames = [];
      let blank = 0;
      let going = true;
      let last = performance.now();
      const look = (now) => {
        frames.push(now - last);
        last = now;
        const isRow = (height) => {
          const row = document.elementFromPoint(innerWidth / 2, innerHeight * height)?.closest(selector);
          return row && row.textContent.trim() !== "";
        };
        if (![0.4, 0.6, 0.8].every(isRow)) blank += 1;
        if (going) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      window.bench.endFrames = () => {
        going = false;
        return { frames: frames.slice(1), blank };
      };
    },
  };
}
