// The address of the page: it names the experiment on the stage, and how the stage is shown.

const PAUSE = 400; // ms between two changes of the address: browsers refuse too many
const KEPT = ["lang", "stage", "hide"]; // what the address says beside the experiment

let wanted = "";
let timer = null;

/** Let the address name this experiment; null leaves it alone. `changes` to what stands beside it: null takes it away. */
export function keepAddress(link, changes = {}) {
  const now = new URLSearchParams(location.search);
  const next = new URLSearchParams(link ?? now);
  for (const key of KEPT) if (now.has(key)) next.set(key, now.get(key));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const same = [...next].toSorted().join() === [...now].toSorted().join();
  wanted = same ? "" : next.toString() ? `?${next}` : location.pathname;
  if (Object.keys(changes).length) flush();
  else timer ??= setTimeout(flush, PAUSE);
}

function flush() {
  clearTimeout(timer);
  timer = null;
  if (wanted) history.replaceState(history.state, "", wanted);
  wanted = "";
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
