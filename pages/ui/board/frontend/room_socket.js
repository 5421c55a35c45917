// The line to a room: a WebSocket that comes back whenever it is lost.

const BASE = import.meta.url.slice(0, import.meta.url.indexOf("/_stcore/") + 1); // where the app is served
const BACKOFF = { first: 500, most: 5000, jitter: 0.4 }; // ms between attempts, doubling
const TICK = 4000; // ms
const PING = 20_000; // ms between two questions whether the room still hears
const SILENCE = 10_000; // ms without an answer to that
const SLEPT = 15_000; // ms between two ticks: the machine slept, its socket may be dead
const ENDS = new Set([4403, 4404, 4423]); // foreign or a forged secret; no such room; locked or full

export class RoomSocket {
  /** Opens at once. hello: the first message; on: message(object), open(), away(), ended(). */
  constructor(code, lang, hello, on) {
    Object.assign(this, { hello, on, alive: true, failures: 0 });
    this.address = new URL(`gan/room/${encodeURIComponent(code)}?lang=${encodeURIComponent(lang)}`, BASE);
    this.onSeen = () => { if (!document.hidden && !this.isOpen) this.reopen(); };
    this.onOnline = () => this.reopen(); // another network: the old line may be dead without knowing it
    document.addEventListener("visibilitychange", this.onSeen);
    window.addEventListener("online", this.onOnline);
    this.ticked = this.heard = Date.now();
    this.ticker = setInterval(() => this.tick(), TICK);
    this.connect();
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
    return this.isOpen;
  }

  close() {
    this.alive = false;
    clearInterval(this.ticker);
    clearTimeout(this.retry);
    document.removeEventListener("visibilitychange", this.onSeen);
    window.removeEventListener("online", this.onOnline);
    this.drop();
  }

  connect() {
    clearTimeout(this.retry);
    this.pinged = 0;
    this.heard = Date.now();
    const socket = new WebSocket(this.address.href.replace(/^http/, "ws"));
    this.socket = socket;
    const mine = (act) => (event) => { if (socket === this.socket) act(event); };
    socket.addEventListener("open", mine(() => { socket.send(JSON.stringify(this.hello)); this.on.open(); }));
    socket.addEventListener("message", mine(({ data }) => this.receive(JSON.parse(data))));
    socket.addEventListener("close", mine(({ code }) => this.lost(code)));
  }

  receive(message) {
    this.failures = 0;
    this.heard = Date.now();
    this.pinged = 0;
    if (message.note !== "pong") this.on.message(message);
  }

  lost(code) {
    this.socket = null;
    if (!this.alive) return;
    if (ENDS.has(code)) {
      this.close();
      this.on.ended();
      return;
    }
    this.failures += 1;
    this.on.away();
    const pause = Math.min(BACKOFF.first * 2 ** (this.failures - 1), BACKOFF.most);
    this.retry = setTimeout(() => this.connect(), pause * (1 + BACKOFF.jitter * (2 * Math.random() - 1)));
  }

  drop() {
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  reopen() {
    this.drop();
    if (this.alive) this.connect();
  }

  tick() {
    const now = Date.now();
    const slept = now - this.ticked > SLEPT;
    this.ticked = now;
    if (document.hidden) return;
    if (slept || (this.pinged && now - this.pinged > SILENCE)) this.reopen();
    else if (!this.pinged && now - this.heard > PING && this.send({ do: "ping" })) this.pinged = now;
  }
}

/** A new room: { code, secret }, or { text } that says why there is none. */
export async function openRoom(lang) {
  const address = new URL(`gan/room?lang=${encodeURIComponent(lang)}`, BASE);
  const answer = await fetch(address, { method: "POST" }).catch(() => null);
  return (await answer?.json().catch(() => null)) ?? { text: "" };
}

/** The address of the QR code of a text. */
export function codeOf(text) {
  return new URL(`gan/qr?text=${encodeURIComponent(text)}`, BASE).href;
}
