/** Where she is, during an alert only: every fix is kept on the telephone until the service has it. */

import { pause } from "../../pure/clicks.js";
import { adds, BATCH, batch, fixOf, outcome } from "../../pure/track.js";

const WATCH = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
const GLANCE = { enableHighAccuracy: false, maximumAge: 300_000, timeout: 20_000 };
const APART_MS = 900;

export class Tracker {
  #api;
  #store;
  #around;

  /** @type {Map<string, Fix>} */
  #queue = new Map();

  /** @type {Fix | null} */
  #last = null;

  #watch = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #tried = 0;
  #notBefore = 0;
  #size = BATCH;
  #busy = false;

  /**
   * @param {PhoneApi} api
   * @param {PhoneStore} store
   * @param {Surroundings} around
   */
  constructor(api, store, around) {
    this.#api = api;
    this.#store = store;
    this.#around = around;
  }

  async load() {
    for (const fix of await this.#store.fixes()) {
      this.#queue.set(fix.id, fix);
    }
  }

  last() {
    return this.#last;
  }

  waiting() {
    return this.#queue.size;
  }

  tracking() {
    return this.#watch !== 0;
  }

  /** One fix for this page's memory, so that a click can leave with the last known place. Nothing is kept or sent. */
  glance() {
    if (!this.tracking() && "geolocation" in navigator) {
      navigator.geolocation.getCurrentPosition((found) => {
        this.#last = this.#read(found) ?? this.#last;
      }, () => this.#around.changed(), GLANCE);
    }
  }

  /**
   * Follow her. A telephone that lies still gives no new fix by itself: it is asked again.
   * @param {number} interval seconds
   */
  start(interval) {
    if (this.tracking() || !("geolocation" in navigator)) {
      return;
    }
    const found = (/** @type {GeolocationPosition} */ position) => this.#take(position);
    const failed = () => this.#around.changed();
    this.#watch = navigator.geolocation.watchPosition(found, failed, WATCH);
    this.#pulse = setInterval(() => {
      if (Date.now() - Date.parse(this.#last?.recorded_at ?? "1970-01-01") > interval * 1000) {
        navigator.geolocation.getCurrentPosition(found, failed, WATCH);
      }
    }, interval * 1000);
  }

  stop() {
    if (this.tracking()) {
      navigator.geolocation.clearWatch(this.#watch);
      clearInterval(this.#pulse);
      this.#watch = 0;
    }
  }

  /** Send what waits, oldest first, now. */
  async flush() {
    if (this.#busy || Date.now() < this.#notBefore) {
      return;
    }
    clearTimeout(this.#timer);
    this.#busy = true;
    while (await this.#sendOne()) {
      this.#tried = 0;
    }
    this.#busy = false;
  }

  /** The credential is gone. */
  empty() {
    this.stop();
    this.#forget([...this.#queue.values()]);
  }

  /** @param {GeolocationPosition} found */
  #read(found) {
    return fixOf(found, crypto.randomUUID(), this.#around.battery());
  }

  /** @param {GeolocationPosition} found */
  #take(found) {
    const fix = this.#read(found);
    if (fix === null || !this.tracking() || !adds(this.#last, fix, APART_MS)) {
      return;
    }
    this.#last = fix;
    this.#queue.set(fix.id, fix);
    this.#store.keepFix(fix).catch(() => this.#around.forgetful());
    this.flush();
    this.#around.changed();
  }

  /** @param {Fix[]} fixes */
  #forget(fixes) {
    fixes.forEach((fix) => this.#queue.delete(fix.id));
    this.#store.forgetFixes(fixes).catch(() => this.#around.forgetful());
    this.#around.changed();
  }

  /** @returns {Promise<boolean>} whether to go on */
  async #sendOne() {
    if (this.#queue.size === 0 || this.#api.token === null || !this.#around.maySend()) {
      return false;
    }
    const positions = batch([...this.#queue.values()], this.#size);
    const answer = await this.#api.call("POST", "/positions", { sent_at: new Date().toISOString(), positions });
    this.#around.heard(answer.status !== 0);
    return this.#settle(positions, answer);
  }

  /**
   * @param {Fix[]} positions
   * @param {Answer} answer
   */
  #settle(positions, answer) {
    const what = outcome(answer, positions.length);
    if (what === "done" || what === "drop") {
      this.#size = what === "done" ? BATCH : this.#size;
      this.#forget(positions);
    } else if (what === "smaller") {
      this.#size = Math.ceil(positions.length / 2);
    } else if (what === "unpaired") {
      this.#around.unpaired();
    } else {
      this.#notBefore = Date.now() + Math.min(answer.wait, 60) * 1000;
      this.#timer = setTimeout(() => this.flush(), pause(this.#tried, Math.random(), answer.wait) + 10);
      this.#tried += 1;
    }
    return what !== "unpaired" && what !== "later";
  }
}
