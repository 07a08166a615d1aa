/** Tells the service how this telephone stands: once when the page opens, then when it changes, once a minute at most. */

import { APART_MS, due, newsOf } from "../../pure/standing.js";

export class Standing {
  #api;
  #now;
  /** @type {PhoneStanding | null} */
  #latest = null;
  /** Nothing is told before the browser has said what this page is allowed: a guess would be a false alarm. */
  #known = false;
  #news = "";
  #told = -Infinity;
  #tried = -Infinity;
  #busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {PhoneApi} api
   * @param {() => number} [now] milliseconds on a clock that only moves forward
   */
  constructor(api, now = () => performance.now()) {
    this.#api = api;
    this.#now = now;
  }

  /** What it will tell is known from here on. */
  begin() {
    this.#known = true;
    this.#consider();
  }

  /** The page was opened or came back: worth telling, even if it is the same. */
  freshen() {
    if (this.#now() - this.#tried >= APART_MS) {
      this.#news = "";
    }
    this.#consider();
  }

  /** @param {PhoneStanding} standing */
  offer(standing) {
    this.#latest = standing;
    this.#consider();
  }

  /** This telephone is nobody's, or somebody else's. */
  forget() {
    clearTimeout(this.#timer);
    this.#latest = null;
    this.#news = "";
    this.#tried = -Infinity;
  }

  #consider() {
    clearTimeout(this.#timer);
    if (!this.#known || this.#latest === null || this.#busy || this.#api.token === null) {
      return;
    }
    const news = newsOf(this.#latest) !== this.#news;
    const wait = due({ news, told: this.#told, tried: this.#tried, now: this.#now() });
    if (wait === 0) {
      this.#tell(this.#latest);
    } else {
      this.#timer = setTimeout(() => this.#consider(), wait);
    }
  }

  /** @param {PhoneStanding} standing */
  async #tell(standing) {
    const { token } = this.#api;
    this.#busy = true;
    this.#tried = this.#now();
    const { status } = await this.#api.call("PUT", "/phone/standing", standing);
    this.#busy = false;
    const settled = status >= 200 && status < 500 && status !== 429; // refused once is refused: clicks need the network more
    if (settled && token === this.#api.token) {
      this.#news = newsOf(standing);
      this.#told = this.#tried;
    }
    this.#consider();
  }
}
