// Serves the hand-written page of vanilla/ as the console is served (compressed ahead with brotli, kept by the browser), and
// hands on everything under /api/ to the real server, so that both pages have the same data by the same session.
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { brotliCompressSync } from "node:zlib";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css" };

const FILES = Object.fromEntries(
  ["index.html", "app.js", "style.css"].map((name) => {
    const text = readFileSync(new URL(`vanilla/${name}`, import.meta.url));
    return [name, { type: TYPES[name.split(".")[1]], compressed: brotliCompressSync(text) }];
  }),
);

/** Serves on a free port of the loopback address until it is closed. */
export async function serveVanilla(api) {
  const upstream = new URL(api);
  const server = createServer((asked, answer) => {
    if (asked.url.startsWith("/api/")) return handOn(asked, answer, upstream);
    const { pathname } = new URL(asked.url, "http://vanilla");
    const file = FILES[pathname === "/" ? "index.html" : pathname.slice(1)];
    if (!file) return answer.writeHead(404).end();
    answer.writeHead(200, {
      "Content-Type": file.type,
      "Content-Encoding": "br",
      "Content-Length": file.compressed.length,
      "Cache-Control": pathname === "/" ? "no-cache" : "public, max-age=31536000, immutable",
    });
    answer.end(file.compressed);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function handOn(asked, answer, { hostname, port, host }) {
  const headers = { ...asked.headers, host };
  const onward = request({ hostname, port, path: asked.url, method: asked.method, headers }, (answered) => {
    answer.writeHead(answered.statusCode, answered.headers);
    answered.pipe(answer);
  });
  onward.on("error", () => answer.writeHead(502).end());
  asked.pipe(onward);
}
