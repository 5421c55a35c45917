// The small windows at a room's door: join by code, and what a member can do.

import { element } from "./dom.js";
import { Modal } from "./modal.js";
import { field, filled, pressable, worded } from "./room_parts.js";

export class JoinWindow {
  // join(code)
  constructor(join) {
    this.join = join;
    this.modal = new Modal("rm-window rm-join");
    this.form = element("form", "rm-form rm-body");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = this.code.input.value.toUpperCase().replace(/[^A-Z]/g, "");
      if (code) this.join(code);
      this.modal.close();
    });
    this.modal.element.append(this.form);
  }

  open(texts) {
    this.modal.label(texts.join, texts.close);
    this.code = field(texts.code, { autocapitalize: "characters", maxlength: 12, spellcheck: "false", name: "code" });
    const go = pressable(texts.enter, () => {}, "rm-first");
    go.type = "submit";
    this.form.replaceChildren(worded("h2", texts.join), this.code, go);
    this.modal.open(this.code.input);
  }
}

export class MemberWindow {
  // act: rename(name), copy(), leave()
  constructor(act) {
    this.act = act;
    this.modal = new Modal("rm-window rm-member");
    this.body = element("div", "rm-body");
    this.modal.element.append(this.body);
  }

  /** room: as it was told; name: the nickname. */
  open(room, name, texts) {
    this.modal.label(texts.room, texts.close);
    const nickname = field(texts.name, { maxlength: 24, value: name, name: "nickname" });
    const then = (act) => () => { this.modal.close(); act(); };
    const buttons = element("div", "rm-row");
    if (room.run) buttons.append(pressable(texts.copy, then(() => this.act.copy()), "rm-first"));
    buttons.append(pressable(texts.leave, then(() => this.act.leave())));
    this.body.replaceChildren(
      worded("h2", `${texts.room} ${room.code}`), worded("p", filled(texts.here, { n: room.present }), "rm-here"),
      worded("p", texts.help_member, "rm-small"), nickname,
      pressable(texts.rename, then(() => this.act.rename(nickname.input.value))), buttons,
    );
    this.modal.open();
  }
}
