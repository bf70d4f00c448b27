// What of the main module the chunks use.
let imports;
const shared = () => {
  if (!imports) {
    const exports = initSync();
    const shared = Object.fromEntries(NAMES.map((name) => [name, exports[name]]));
    imports = { [SHARED]: shared, [OUTSIDE]: shared };
  }
  return imports;
};

// Compiled modules by address, which a page may begin to compile before this script is there; and those that are started.
const modules = (globalThis.compiledModules ??= new Map());
const started = new Set();

const compiled = (address) => {
  let module = modules.get(address);
  if (!module) {
    module = WebAssembly.compileStreaming(fetch(address));
    modules.set(address, module);
  }
  // So that it is tried again when it is next needed.
  module.catch(() => modules.delete(address));
  return module;
};

const load = async (files) => {
  const addresses = files.map((file) => new URL(file, import.meta.url).href).filter((address) => !started.has(address));
  const all = await Promise.all(addresses.map(compiled));
  for (const [at, address] of addresses.entries()) {
    // Unless another chunk has started it meanwhile.
    if (started.has(address)) continue;
    new WebAssembly.Instance(all[at], shared());
    started.add(address);
    modules.delete(address);
  }
};

const loader = (chunk) => async (callback, data) => {
  let is_loaded = true;
  try {
    await load(CHUNKS[chunk]);
  } catch (error) {
    is_loaded = false;
    // The browser itself reports a file that can't be fetched, which is also what happens while a page is being left.
    if (!(error instanceof TypeError)) console.error(error);
  }
  shared()[SHARED].__indirect_function_table.get(callback)(data, is_loaded);
};
