// The direct line to a run: a WebSocket that comes back whenever it is lost, and HTTP where no WebSocket gets through.
// At most one frame is asked for at a time, and never from a tab that nobody sees.

const BASE = import.meta.url.slice(0, import.meta.url.indexOf("/_stcore/") + 1); // where the app is served
const BACKOFF = { first: 300, most: 5000, jitter: 0.2 }; // ms between attempts, doubling
const ATTEMPTS = 3; // to open a socket that was never open, before HTTP
const PACE = 70; // ms between two frames: panels move smoothly from one to the next
const WORTH = 10_000; // ms: what was pressed so long ago is not sent any more when the line is back
const TICK = 2000; // ms
const SLEPT = 8000; // ms between two ticks of a tab that one sees: the machine slept, its socket may be dead
const SILENCE = 12_000; // ms without an answer where one must come
const PROOF = 250; // ms: a server that does not know the run accepts, and closes at once
const GONE = 4404;
const FOREIGN = 4403;
const TOO_MANY = 4429;
const BY_STATUS = { 403: FOREIGN, 404: GONE };

export class Line {
  /**
   * Opens at once. `on` is told what happens: frame(bytes), note(text), gone(): there is no such run, and
   * sign("open" | "connecting" | "away" | "polling" | "full"): full where the server serves no more of them.
   */
  constructor(path, language, on) {
    this.address = new URL(`${path}?lang=${encodeURIComponent(language)}`, BASE);
    this.on = on;
    this.alive = true;
    this.wanted = null; // the version that the browser has, while it waits for the next
    this.queue = []; // commands that could not be sent: { message, at }
    this.failures = 0;
    this.answered = false; // whether a socket ever was open
    this.waitingSince = 0; // for an answer that must come; 0: for none
    this.onVisible = () => this.see();
    this.onOnline = () => this.reopen();
    document.addEventListener("visibilitychange", this.onVisible);
    window.addEventListener("online", this.onOnline);
    this.ticked = Date.now();
    this.ticker = setInterval(() => this.tick(), TICK);
    this.on.sign("connecting");
    this.connect();
  }

  close() {
    this.alive = false;
    clearInterval(this.ticker);
    clearTimeout(this.retry);
    clearTimeout(this.pause);
    document.removeEventListener("visibilitychange", this.onVisible);
    window.removeEventListener("online", this.onOnline);
    this.drop();
  }

  // ---- what the stage says ----

  /** Send a command, as soon as the line is open. */
  send(message) {
    this.waitingSince ||= Date.now();
    if (this.polling) this.post([message]);
    else if (this.isOpen) this.socket.send(JSON.stringify(message));
    else this.queue.push({ message, at: Date.now() });
  }

  /** What the pictures are to show from now on; said again whenever the line opens. */
  look(look) {
    this.looking = look;
    this.otherView = true; // what the browser has is of another view
    if (this.isOpen) this.socket.send(JSON.stringify({ do: "look", ...look }));
    this.hurry();
  }

  // whoever looks elsewhere does not wait for the pace of a training
  hurry() {
    if (this.wanted === null) return;
    this.wanted = 0;
    if (this.polling && this.asked) {
      this.asking.abort();
      this.asked = false;
    }
    if (!this.asked) this.otherView = false;
    clearTimeout(this.pause);
    this.next();
  }

  /**
   * Ask for the first frame that is another version than this one. `soon`: whether it must come soon; `known`: whether
   * what the browser has is surely of the present view.
   */
  ask(have, { soon = false, known = false } = {}) {
    const other = this.otherView && !known;
    this.wanted = other ? 0 : have;
    this.otherView = false;
    if (soon) this.waitingSince ||= Date.now();
    clearTimeout(this.pause);
    const due = other ? 0 : (this.askedAt ?? 0) + PACE - performance.now();
    this.pause = setTimeout(() => this.next(), Math.max(0, due));
  }

  next() {
    if (this.wanted === null || this.asked || document.hidden || !this.alive) return;
    if (!this.polling && !this.isOpen) return;
    this.asked = true;
    this.askedAt = performance.now();
    const message = { do: "next", have: this.wanted };
    if (this.polling) this.post([...this.view, message]);
    else this.socket.send(JSON.stringify(message));
  }

  get view() {
    return this.looking ? [{ do: "look", ...this.looking }] : [];
  }

  // ---- the socket ----

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.retry);
    this.asked = false;
    const socket = new WebSocket(this.address.href.replace(/^http/, "ws"));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("open", () => { if (socket === this.socket) this.opened(); });
    socket.addEventListener("message", ({ data }) => { if (socket === this.socket) this.receive(data); });
    socket.addEventListener("close", ({ code }) => { if (socket === this.socket) this.lost(code); });
  }

  opened() {
    this.answered = true;
    this.proof = setTimeout(() => this.on.sign("open"), PROOF);
    const fresh = this.queue.filter(({ at }) => Date.now() - at < WORTH);
    this.queue = [];
    for (const message of [...this.view, ...fresh.map((entry) => entry.message)]) this.socket.send(JSON.stringify(message));
    this.next();
  }

  receive(data) {
    this.failures = 0; // only now: a server in trouble may accept and close
    this.waitingSince = 0;
    clearTimeout(this.proof);
    this.on.sign("open");
    if (typeof data === "string") return this.on.note(JSON.parse(data).text);
    this.asked = false;
    this.wanted = null;
    this.on.frame(new Uint8Array(data));
  }

  lost(code) {
    clearTimeout(this.proof);
    this.socket = null;
    this.asked = false;
    if (!this.alive) return;
    if (this.ends(code)) return;
    this.failures += 1;
    if (code === TOO_MANY) return this.wait();
    if (!this.answered && this.failures >= ATTEMPTS) return this.fallBack();
    this.on.sign(this.answered ? "away" : "connecting");
    this.later(() => this.connect());
  }

  // others may leave
  wait() {
    this.on.sign("full");
    this.later(() => this.connect());
  }

  // whether this code is the end of this line
  ends(code) {
    if (code !== GONE && code !== FOREIGN) return false;
    this.on.sign("away");
    this.close();
    if (code === GONE) this.on.gone();
    return true;
  }

  later(go) {
    const pause = Math.min(BACKOFF.first * 2 ** Math.max(this.failures - 1, 0), BACKOFF.most);
    clearTimeout(this.retry);
    this.retry = setTimeout(go, pause * (1 + BACKOFF.jitter * (2 * Math.random() - 1)));
  }

  drop() {
    const { socket } = this;
    clearTimeout(this.proof);
    this.socket = null;
    socket?.close();
  }

  /** Leave the socket, which may be dead without knowing it, for a new one. */
  reopen() {
    if (!this.alive || this.polling) return;
    this.drop();
    this.waitingSince = 0;
    this.connect();
  }

  see() {
    const hidden = Date.now() - this.ticked; // the ticks of a hidden tab are rare
    this.ticked = Date.now();
    if (document.hidden) return;
    if (!this.isOpen || hidden > SLEPT) this.reopen();
    this.next();
  }

  tick() {
    const now = Date.now();
    const slept = now - this.ticked > SLEPT;
    const silent = this.waitingSince && now - this.waitingSince > SILENCE;
    this.ticked = now;
    if (document.hidden) return;
    if (this.isOpen && (slept || silent)) this.reopen();
  }

  // ---- without a socket ----

  fallBack() {
    this.polling = true;
    this.socket = null;
    const waiting = this.queue.map((entry) => entry.message);
    this.queue = [];
    if (waiting.length) this.post(waiting);
    this.wanted ??= 0;
    this.next();
  }

  // the frame that is asked for travels alone, so that a command need not wait for it
  async post(messages) {
    const asks = messages.at(-1).do === "next";
    const stop = new AbortController();
    if (asks) this.asking = stop;
    const options = { method: "POST", body: JSON.stringify(messages), signal: stop.signal };
    const answer = await fetch(this.address, options).catch(() => null);
    if (!this.alive || stop.signal.aborted) return;
    if (asks) this.asked = false;
    if (!answer || this.ends(BY_STATUS[answer.status]) || !answer.ok) return this.failed(answer, asks);
    this.failures = 0;
    this.on.sign("polling");
    if (answer.status === 200) await this.take(answer);
    this.next();
  }

  async take(answer) {
    if (answer.headers.get("content-type")?.includes("json")) return this.on.note((await answer.json()).text);
    this.waitingSince = 0;
    this.wanted = null;
    this.on.frame(new Uint8Array(await answer.arrayBuffer()));
  }

  // nobody answers: perhaps a socket gets through when the server is back
  failed(answer, asks) {
    if (!this.alive || !asks) return;
    this.failures += 1;
    this.on.sign(answer?.status === 429 ? "full" : "away");
    if (answer) return this.later(() => this.next());
    this.later(() => {
      this.polling = false;
      this.failures = ATTEMPTS - 1; // but if not, by HTTP again
      this.connect();
    });
  }
}
