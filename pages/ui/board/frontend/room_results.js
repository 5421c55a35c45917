// The poll on the host's screen, to be read from the last row: the votes as they come, and what the host does with them.

import { element } from "./dom.js";
import { Modal } from "./modal.js";
import { drawBars } from "./room_bars.js";
import { filled, pressable, worded } from "./room_parts.js";

export class Results {
  // send(command): to the room
  constructor(send) {
    this.send = send;
    this.modal = new Modal("rm-results");
    this.modal.element.dataset.testid = "room-results";
    this.question = worded("h2", "");
    this.bars = element("div");
    this.reason = worded("p", "", "rm-reason");
    this.count = worded("span", "", "rm-answered", { role: "status" });
    const buttons = element("div", "rm-row");
    this.reveal = pressable("", () => this.send({ do: "reveal" }), "rm-first");
    this.table = pressable("", () => this.send({ do: "table" }));
    this.end = pressable("", () => this.send({ do: "put_away" }));
    buttons.append(this.count, this.reveal, this.table, this.end);
    const body = element("div", "rm-results-body");
    body.append(this.question, this.bars, this.reason, buttons);
    this.modal.element.append(body);
  }

  get element() {
    return this.modal.element;
  }

  /** The poll as it stands; null: there is none. A new one opens the window. */
  show(room, texts) {
    const { poll } = room;
    if (!poll) {
      if (this.modal.isOpen) this.modal.close();
      this.asked = null;
      return;
    }
    this.modal.label(texts.results, texts.close);
    for (const [made, text] of [[this.reveal, texts.reveal], [this.table, texts.table], [this.end, texts.put_away]]) made.textContent = text;
    this.reveal.hidden = poll.state !== "open";
    this.question.textContent = poll.question;
    drawBars(this.bars, poll);
    this.reason.textContent = poll.reason ?? "";
    this.count.textContent = filled(texts.answered, { n: poll.answered, of: Math.max(room.present, poll.answered) });
    if (this.asked !== poll.id) this.open();
    this.asked = poll.id;
  }

  open() {
    this.modal.open(this.reveal);
  }

  /** What all have voted, as a file. */
  save(csv, code) {
    const link = element("a", "", { download: `room-${code}.csv` });
    link.href = URL.createObjectURL(new Blob(["\uFEFF", csv], { type: "text/csv;charset=utf-8" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}
