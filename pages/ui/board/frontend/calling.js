// Tell Python again and again that the server does not know the run, until it has made a new one.

const AGAIN = 4000; // ms until Python is told once more, where what it was told may have got lost
const CALLS = 3; // that nobody answers, before the page is loaded again: a new server knows nothing of this one's parts

export class Calling {
  /** `call()` until `answered()`. */
  start(call, answered) {
    let calls = 0;
    const once = () => {
      if (answered()) return this.stop();
      if (document.hidden) return;
      calls += 1;
      if (calls > CALLS) location.reload(); // the address is the experiment
      else call();
    };
    this.stop();
    this.timer = setInterval(once, AGAIN);
    once();
  }

  stop() {
    clearInterval(this.timer);
  }
}
