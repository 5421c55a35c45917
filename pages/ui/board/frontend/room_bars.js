// The votes of a poll: as bars side by side for a choice, and as a histogram for a number.

import { element } from "./dom.js";
import { worded } from "./room_parts.js";

/** poll: as the room tells it, with its bars; mine: index of one's own answer, or null. */
export function drawBars(into, poll, mine = null) {
  const most = Math.max(1, ...poll.bars.map(([, n]) => n));
  const all = Math.max(1, poll.answered);
  const isNumber = poll.kind === "number";
  into.className = isNumber ? "rm-histogram" : "rm-bars";
  into.dataset.testid = "room-bars";
  into.replaceChildren(...poll.bars.map(([label, n], i) => {
    const row = element("div", "rm-bar", { "data-n": n });
    if (poll.right === i) row.classList.add("rm-right");
    if (!isNumber && mine === i) row.classList.add("rm-mine");
    const track = element("div", "rm-track");
    const filling = element("div", "rm-filling");
    filling.style.setProperty("--rm-share", isNumber ? n / most : n / all);
    track.append(filling);
    const count = worded("span", isNumber ? String(n || "") : `${n} · ${Math.round((100 * n) / all)}%`, "rm-count");
    row.append(worded("span", label, "rm-label"), track, count);
    return row;
  }));
}
