// Serves the hand-written page of vanilla/ as the console is served (precompressed with brotli, cached by the browser), and
// proxies everything under /api/ to the real server, so that both pages have the same data with the same session.
import { readFileSync } from "node:fs";
import { createServer, request as sendRequest } from "node:http";
import { brotliCompressSync } from "node:zlib";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css" };

const FILES = Object.fromEntries(
  ["index.html", "app.js", "style.css"].map((name) => {
    const text = readFileSync(new URL(`vanilla/${name}`, import.meta.url));
    return [name, { type: TYPES[name.split(".")[1]], compressed: brotliCompressSync(text) }];
  }),
);

/** Serves on a free loopback port until it is closed. */
export async function serveVanilla(api) {
  const upstream = new URL(api);
  const server = createServer((request, response) => {
    if (request.url.startsWith("/api/")) return proxy(request, response, upstream);
    const { pathname } = new URL(request.url, "http://vanilla");
    const file = FILES[pathname === "/" ? "index.html" : pathname.slice(1)];
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": file.type,
      "Content-Encoding": "br",
      "Content-Length": file.compressed.length,
      "Cache-Control": pathname === "/" ? "no-cache" : "public, max-age=31536000, immutable",
    });
    response.end(file.compressed);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function proxy(request, response, { hostname, port, host }) {
  const headers = { ...request.headers, host };
  const onward = sendRequest({ hostname, port, path: request.url, method: request.method, headers }, (upstreamResponse) => {
    response.writeHead(upstreamResponse.statusCode, upstreamResponse.headers);
    upstreamResponse.pipe(response);
  });
  onward.on("error", () => response.writeHead(502).end());
  request.pipe(onward);
}
