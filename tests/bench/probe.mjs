// What runs inside the page before its own scripts: the clock that can't be disturbed by the line to the browser.

/** Rows of the page's table; what stands in for rows that are out of sight is hidden from screen readers. */
export const ROWS = "main table tbody tr:not([aria-hidden])";

/** Makes `window.bench`. It is given to the page as text, so it can use nothing from outside of itself. */
export function probe(selector) {
  const rows = () => [...document.querySelectorAll(selector)].filter((row) => row.textContent.trim() !== "");
  const text = () => rows().map((row) => row.textContent).join("\n");
  // From within an animation frame: the first task after it, and so after it was drawn.
  const drawn = (then) => setTimeout(then, 0);

  // Looking at all rows takes time of its own, so it is done only where something has changed.
  let changed = true;
  new MutationObserver(() => (changed = true)).observe(document, { childList: true, subtree: true, characterData: true });
  const once = () => changed && !(changed = false);

  // When there were so many rows first, for each number that was asked for.
  const begun = new Map();
  const watch = () => {
    const count = once() ? rows().length : 0;
    for (const least of [1, 13, 20]) {
      if (count >= least && !begun.has(least)) {
        begun.set(least, null);
        drawn(() => begun.set(least, performance.now()));
      }
    }
    if (!begun.has(20)) requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);

  /** What an answer can be waited for by. */
  const CONDITIONS = {
    /** Other rows than before, each with this text in it. */
    rowsWith: (wanted, before) => {
      const now = rows();
      const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
      return now.length > 0 && now.every((row) => plain(row.textContent).includes(plain(wanted))) && text() !== before;
    },
    /** Other rows than before at the beginning. Two orders may begin with the same one. */
    otherRows: (_, before) => {
      const beginning = (all) => all.split("\n").slice(0, 10).join("\n");
      return beginning(text()) !== beginning(before) && rows().length > 0;
    },
    /** More rows at the end than before. */
    moreRows: (_, before) => rows().length > 0 && text().split("\n").at(-1) !== before.split("\n").at(-1),
    /** A page with this heading, all of whose parts have come. */
    page: (wanted) =>
      document.querySelector("main h1")?.textContent.includes(wanted) && !document.querySelector("main .skeleton"),
  };

  window.bench = {
    rows,

    /** When the frame was drawn that had so many rows first. */
    painted: (least) =>
      new Promise((resolve) => {
        const look = () => (begun.get(least) ? resolve(begun.get(least)) : setTimeout(look, 5));
        look();
      }),

    /** Prepares to time what the next event of these kinds leads to; `bench.took` has the answer. */
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
          if (start !== null && once() && CONDITIONS[condition](wanted, before)) drawn(() => resolve(performance.now() - start));
          else if (performance.now() > limit) reject(new Error(`nothing came of ${events}: ${condition} ${wanted ?? ""}`));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      // Whoever waits for it hears of it.
      window.bench.took.catch(() => {});
    },

    /** Begins to take the time of each frame, and whether what one looked at was blank in it. */
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
