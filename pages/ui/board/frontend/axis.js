// An axis of a chart, as Plotly describes it: `range` in exponents where the `type` is "log".

const STEPS = [1, 2, 5, 10]; // times a power of ten
const DOUBLED = [1, 2, 4, 10, 20]; // times the step that was asked for
const THINNER = [1, 2, 3, 5]; // every so many of the ticks
const USUAL = 6; // ticks
const UNITS = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
const LONG = 1e4; // from here on a number has a unit

export class Axis {
  /** From `start` px at the lower end of the range to `end` px at the upper one. */
  constructor(given, start, end) {
    this.given = given;
    this.log = given.type === "log";
    [this.low, this.high] = given.range;
    this.start = start;
    this.scale = (end - start) / (this.high - this.low);
  }

  /** A value of the data -> px. */
  at(v) {
    return this.along(this.log ? Math.log10(v) : v);
  }

  /** A place on the axis, which is an exponent on a logarithmic one -> px. */
  along(u) {
    return this.start + (u - this.low) * this.scale;
  }

  /** px -> place on the axis. */
  back(px) {
    return this.low + (px - this.start) / this.scale;
  }

  /** Whether a value lies on it. */
  holds(v) {
    const u = this.log ? Math.log10(v) : v;
    const margin = 1e-6 * (this.high - this.low);
    return u >= this.low - margin && u <= this.high + margin;
  }

  /** [{ value, text }]: as many as Plotly would have, or fewer where `roomFor(text)` px per number are not there. */
  ticks(roomFor) {
    const found = this.given.tickvals ? this.chosen() : this.regular();
    const few = found.find((ticks) => ticks.length < 3 || this.apart(ticks) >= Math.max(...ticks.map((t) => roomFor(t.text))));
    return few ?? found.at(-1);
  }

  apart([first, second]) {
    return Math.abs(this.at(second.value) - this.at(first.value));
  }

  // ever fewer of the ticks that were asked for
  chosen() {
    const { tickvals, ticktext } = this.given;
    const all = [...tickvals].map((value, k) => ({ value, text: ticktext ? ticktext[k] : this.text(value, value) }));
    return THINNER.map((every) => all.filter((tick, k) => k % every === 0 && this.holds(tick.value)));
  }

  // ever larger steps
  regular() {
    const { dtick, nticks = USUAL } = this.given;
    const steps = dtick ? DOUBLED.map((times) => times * dtick) : round((this.high - this.low) / nticks);
    return steps.map((step) => this.multiples(step));
  }

  multiples(step) {
    const found = [];
    const margin = 1e-6 * step;
    for (let k = Math.ceil((this.low - margin) / step); k * step <= this.high + margin; k++)
      found.push({ value: k * step, text: this.text(k * step, step) });
    return found;
  }

  text(v, step) {
    const { tickformat, ticksuffix = "" } = this.given;
    const digits = Math.max(0, -Math.floor(Math.log10(Math.abs(step) || 1) + 1e-9) + (tickformat ? 0 : 1));
    return `${short(v, Math.min(digits, 12), tickformat ? 1e3 : LONG)}${ticksuffix}`;
  }
}

// round steps from this one on
function round(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const all = [...STEPS, ...STEPS.map((times) => 10 * times)].map((times) => times * power);
  return all.filter((step, k) => step >= least * (1 - 1e-9) && step !== all[k - 1]);
}

/** A number with at most so many decimals, a real minus, and a unit from `long` on. */
export function short(v, digits, long = LONG) {
  const [size, unit] = (Math.abs(v) >= long && UNITS.find(([s]) => Math.abs(v) >= s)) || [1, ""];
  const text = size > 1 ? String(Number((v / size).toPrecision(4))) : String(Number(v.toFixed(digits)));
  return `${text === "-0" ? "0" : text.replace("-", "−")}${unit}`;
}
