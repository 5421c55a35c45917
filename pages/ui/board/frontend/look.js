// What one sees of the run: an earlier moment or now, which fakes are picked, how the other training is shown. A wish is
// on its way until the picture shows it; meanwhile only the newest of the next ones is kept.

const PATIENCE = 400; // ms: an answer that does not come, as from a line that is away, does not hold up the next wish

export class Look {
  // say(wish): over the line
  constructor(say) {
    this.say = say;
    this.wish = { at: null, picked: [], ghost: "" };
    this.waits = false; // for a picture
    this.late = false; // whether the wish has changed meanwhile
  }

  change(part) {
    const wish = { ...this.wish, ...part };
    if (JSON.stringify(wish) === JSON.stringify(this.wish)) return;
    this.wish = wish;
    if (this.waits) this.late = true;
    else this.tell();
  }

  tell() {
    this.late = false;
    this.waits = true;
    clearTimeout(this.doubt);
    this.doubt = setTimeout(() => this.settle(), PATIENCE);
    this.asked = this.wish.at;
    this.say(this.wish);
  }

  /** Whether a picture of this moment can only be one of this wish; null: now. */
  isAnsweredBy(at) {
    return this.waits && at === this.asked && at !== this.last;
  }

  /** The picture shows this moment. */
  shown(at) {
    this.last = at;
    if (this.waits && at === this.asked) this.settle();
    else if (!this.waits && at !== null && this.wish.at !== null) this.wish = { ...this.wish, at }; // its neighbour: it was thinned out
  }

  settle() {
    clearTimeout(this.doubt);
    this.waits = false;
    if (this.late) this.tell();
  }
}
