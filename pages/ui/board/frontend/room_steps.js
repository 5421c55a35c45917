// Going along in a room: what its host has on screen, and how members' browsers come to show the same.

import { inquire, listen, lookAt } from "./together.js";

const PAUSE = 150; // ms: what the host does is told when it has settled
const PATIENCE = 5000; // ms that a page with a stage is waited for until it says which run it shows
const SPREAD = 1500; // ms over which many browsers open another page
const MANY = 20; // members
const AGAIN = 8000; // ms until another page is asked for once more, if it does not come

const keyOf = (look) => JSON.stringify([look?.at ?? null, look?.picked ?? [], look?.ghost ?? ""]);
const same = (a, b) => keyOf(a) === keyOf(b);

/** A host: tells the room which page and which run are on screen, and how they are looked at. */
export class Leading {
  // send(command): to the room
  constructor(send) {
    this.send = send;
    listen((line, look) => {
      if (!this.page) return;
      this.run = line.split("/").at(-1);
      this.look = look;
      this.tell();
    });
    document.addEventListener("visibilitychange", () => this.tell());
  }

  at({ page, stage }) {
    if (page === this.page) return;
    Object.assign(this, { page, run: "", look: {} });
    this.since = stage ? performance.now() : 0;
    inquire();
    this.tell();
  }

  /** The line to the room is open (again). */
  again() {
    this.before = "";
    this.tell();
  }

  tell() {
    clearTimeout(this.timer);
    const waits = !this.run && this.since && performance.now() - this.since < PATIENCE;
    this.timer = setTimeout(() => this.say(), waits ? PATIENCE : PAUSE);
  }

  say() {
    const { at = null, picked = [], ghost = "" } = this.look ?? {};
    const message = { do: "show", page: this.page, run: this.run ?? "", look: { at, picked, ghost } };
    const key = JSON.stringify(message);
    if (document.hidden || document.documentElement.dataset.room !== "host") return;
    if (key !== this.before && this.send(message)) this.before = key;
  }
}

/** A member: goes along to the host's page and looks as the host does, until it looks around by itself. */
export class Following {
  // wish(wish): what the page is to do; changed(): whether it goes along is another answer now
  constructor(wish, changed) {
    Object.assign(this, { wish, changed, left: false, looked: false, room: null });
    listen((line, look) => this.shows(line, look));
  }

  /** Whether the visitor looks at something else than the host. */
  get astray() {
    if (!this.room) return false;
    const elsewhere = this.room.page && this.page !== this.room.page;
    return Boolean(this.own || this.left || this.looked || (elsewhere && !this.room.lead));
  }

  /** Streamlit shows this page. */
  at({ page, own, code }) {
    const moved = this.page !== undefined && page !== this.page;
    if (!code) Object.assign(this, { room: null, left: false, looked: false });
    if (moved && page !== this.going) this.left = true; // by the visitor's own choice
    if (page === this.room?.page) this.left = false;
    if (moved) Object.assign(this, { line: "", looked: false, going: "" });
    Object.assign(this, { page, own });
  }

  /** The room says what the host shows. */
  hears(room) {
    const before = this.room;
    this.room = room;
    if (this.own || this.left) return;
    if (room.page && room.page !== this.page) {
      if (room.lead) this.go(room.page);
      return;
    }
    const watches = room.run?.page === this.page;
    if (watches && this.line && this.line !== room.run.line) this.go(room.page); // another run: the page asks for it
    if (!this.looked && !same(before?.look, room.look)) this.look();
  }

  go(page) {
    if (this.going === page) return;
    this.going = page;
    clearTimeout(this.timer);
    clearTimeout(this.doubt);
    this.timer = setTimeout(() => this.wish({ do: "go" }), this.room.present > MANY ? Math.random() * SPREAD : 0);
    this.doubt = setTimeout(() => { if (this.going === page) this.going = ""; }, AGAIN);
  }

  look() {
    if (this.room?.run?.line === this.line) lookAt(this.line, this.room.look);
  }

  // the stage shows this
  shows(line, look) {
    const fresh = line !== this.line;
    this.line = line;
    if (fresh) this.going = "";
    if (!this.room || this.room.run?.line !== line) return;
    if (fresh && !this.looked) {
      this.look();
      return;
    }
    const looked = !same(look, this.room.look);
    if (looked === this.looked) return;
    this.looked = looked;
    this.changed();
  }

  /** To the lecturer again. */
  back() {
    const { room } = this;
    Object.assign(this, { left: false, looked: false });
    if (this.own || this.page !== room.page) {
      this.going = "";
      this.go(room.page);
    } else this.look();
    this.changed();
  }
}
