// The address of the page: it names the experiment on the stage, and how the stage is shown.

const PAUSE = 400; // ms between two changes of the address: browsers refuse too many
const KEPT = ["lang", "stage", "hide", "room"]; // what the address says beside the experiment

let latest = {}; // link and changes that the address does not say yet
let timer = null;
let bare = {}; // the page whose address names no experiment, and the one that it shows so

/** Let the address name this experiment; null leaves it alone. `changes` to what stands beside it: null takes it away. */
export function keepAddress(link, changes = {}) {
  latest = { link, changes: { ...latest.changes, ...changes } };
  isBare(new URLSearchParams(location.search), link); // a slider may move before the first flush: what is bare is known now
  if (Object.keys(changes).length) flush();
  else timer ??= setTimeout(flush, PAUSE);
}

// what others have written into the address meanwhile stays, so it is read only now
function flush() {
  clearTimeout(timer);
  timer = null;
  const { link, changes } = latest;
  latest = {};
  const now = new URLSearchParams(location.search);
  const next = new URLSearchParams(isBare(now, link) ? now : (link ?? now));
  for (const key of KEPT) if (now.has(key)) next.set(key, now.get(key));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  if ([...next].toSorted().join() === [...now].toSorted().join()) return;
  history.replaceState(history.state, "", next.toString() ? `?${next}` : location.pathname);
}

// a first visit leaves the address as it is, until the experiment becomes another one
function isBare(now, link) {
  if (!link || [...now.keys()].some((key) => !KEPT.includes(key))) return false;
  const experiment = JSON.stringify(link);
  if (bare.path !== location.pathname) bare = { path: location.pathname, experiment };
  return bare.experiment === experiment;
}

/** A link to this experiment, or to that of the address, for others. */
export function linkTo(experiment, { lang, hide, full }) {
  const query = new URLSearchParams(experiment ?? location.search);
  for (const key of KEPT) query.delete(key);
  if (lang !== "en") query.set("lang", lang);
  if (full) query.set("stage", "full");
  if (hide.length) query.set("hide", hide.join(","));
  const asked = String(query).replaceAll("%2C", ","); // shorter, and allowed
  return location.origin + location.pathname + (asked && `?${asked}`);
}
