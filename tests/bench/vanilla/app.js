// The list of residents written by hand, without a library: the same data from the same API, masked codes, search, filters,
// sorting, more rows, and a resident's page as a dialog. Everything is requested at once, at the very start.
const params = new URLSearchParams(location.search);
const property = params.get("property");
const limit = params.get("limit") ?? "200";
const wanted = { q: "", origin: "", status: "", sort: "name" };

const get = async (path) => {
  const answer = await fetch(`/api/v1${path}`);
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer.json();
};
const residents = (cursor = "") => {
  const query = new URLSearchParams({ ...wanted, limit, cursor });
  for (const [name, value] of [...query]) if (value === "") query.delete(name);
  return get(`/properties/${property}/residents?${query}`);
};
const first = residents();
const about = Promise.all([get("/session"), get(`/properties/${property}`)]);

const STATUS = { working: "Working", sending: "Sending", waiting: "Waiting", failed: "Failed", being_removed: "Being removed" };
const byId = (id) => document.getElementById(id);
const body = document.querySelector("tbody");
let zone = "UTC";
let times;
let known = new Map();
let next = null;

const row = document.createElement("template");
row.innerHTML = `<tr><th scope="row"><a href="#"></a></th><td></td><td></td><td></td><td><span></span> <time></time></td><td><time></time></td></tr>`;

function show(page, instead) {
  const rows = page.items.map((resident) => {
    const { code } = resident;
    const made = row.content.cloneNode(true).firstChild;
    const [name, unit, digits, origin, status, changed] = made.children;
    const since = code.placements.find((placement) => placement.status === code.status)?.since;
    name.firstChild.textContent = resident.name;
    name.firstChild.href = `#${resident.id}`;
    unit.textContent = resident.unit;
    digits.textContent = "•".repeat(code.length);
    origin.textContent = code.origin === "custom" ? "Custom" : "Random";
    status.firstChild.textContent = STATUS[code.status];
    status.firstChild.className = `pill ${code.status}`;
    showTime(status.lastChild, since);
    showTime(changed.firstChild, code.changed_at);
    known.set(resident.id, resident);
    return made;
  });
  if (instead) body.replaceChildren(...rows);
  else body.append(...rows);
  next = page.next_cursor;
  byId("more").hidden = !next;
}

function showTime(time, at) {
  if (!at) return;
  times ??= new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "short", timeZone: zone });
  time.dateTime = at;
  time.textContent = times.format(new Date(at));
}

async function attempt(work) {
  byId("problem").hidden = true;
  try {
    await work();
  } catch (error) {
    byId("problem").textContent = `${error.message} Reload the page to try again.`;
    byId("problem").hidden = false;
  }
}

let run = 0;
const again = () =>
  attempt(async () => {
    const own = (run += 1);
    const page = await residents();
    if (own === run) show(page, true);
  });

for (const name of ["q", "origin", "status"]) {
  byId(name).addEventListener("input", (event) => {
    wanted[name] = event.target.value;
    again();
  });
}
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
document.querySelector("thead").addEventListener("click", ({ target }) => {
  const key = target.dataset.sort;
  if (!key) return;
  wanted.sort = wanted.sort === key ? `-${key}` : key;
  for (const head of document.querySelectorAll("[aria-sort]")) head.ariaSort = "none";
  target.parentNode.ariaSort = wanted.sort === key ? "ascending" : "descending";
  again();
});
byId("more").addEventListener("click", () => attempt(async () => show(await residents(next), false)));
addEventListener("hashchange", () => {
  const resident = known.get(location.hash.slice(1));
  if (!resident) return;
  const dialog = byId("resident");
  dialog.querySelector("h2").textContent = resident.name;
  dialog.querySelector("p").textContent = `Unit ${resident.unit} · ${resident.email}`;
  const places = resident.code.placements.map((placement) => {
    const item = document.createElement("li");
    item.textContent = `${placement.door_name}: ${STATUS[placement.status]}`;
    return item;
  });
  dialog.querySelector("ul").replaceChildren(...places);
  dialog.addEventListener("close", () => history.replaceState(null, "", location.search), { once: true });
  dialog.showModal();
});

attempt(async () => {
  const [session, place] = await about;
  zone = place.time_zone;
  byId("who").textContent = session.user.name;
  byId("facts").textContent = `${place.name} · ${place.counts.residents} residents in ${place.counts.units} units`;
});
// Rows wait for the property, since their times need its zone.
attempt(async () => {
  const [page] = await Promise.all([first, about]);
  show(page, true);
});
