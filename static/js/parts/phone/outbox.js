/** Clicks on their way: sent at once, kept until the service has acknowledged them, tried again until then. */

import { again, alertOf, clickBody, covers, inOrder, pause, verdict } from "../../pure/clicks.js";

const LATE_MS = 4000;

/** @typedef {{click: PendingClick, tried: number, bare: boolean, busy: boolean, late: boolean, timer: ReturnType<typeof setTimeout> | undefined}} Waiting */

export class Outbox {
  #api;
  #store;
  #around;

  /** @type {Map<string, Waiting>} */
  #waiting = new Map();

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

  /** Take up what was left by an earlier page, and send it. */
  async load() {
    for (const click of await this.#store.clicks()) {
      this.#hold(click);
    }
    this.retry();
  }

  /** In the order of her hand. */
  pending() {
    return inOrder([...this.#waiting.values()].map(({ click }) => click));
  }

  late() {
    return [...this.#waiting.values()].some(({ click, late }) => late && !click.stale);
  }

  /**
   * A gesture of hers: the request leaves before anything else is waited for.
   * @param {Gesture} gesture
   */
  add(gesture) {
    this.#send(this.#hold({
      id: crypto.randomUUID(), gesture, clicked_at: new Date().toISOString(), stale: false,
    }, true));
  }

  /** Try everything now: the network came back, or the page. */
  retry() {
    for (const waiting of this.#waiting.values()) {
      if (!waiting.click.stale) {
        this.#send(waiting);
      }
    }
  }

  /**
   * She answered "send now".
   * @param {PendingClick} old
   */
  sendNow(old) {
    this.#send(this.#hold(again(old, { id: crypto.randomUUID(), now: new Date().toISOString() }), true));
    this.#release(old);
  }

  /**
   * She answered "do not send".
   * @param {PendingClick} old
   */
  giveUp(old) {
    this.#release(old);
  }

  /** The credential is gone: what waits is no longer anybody's. */
  empty() {
    for (const { click } of [...this.#waiting.values()]) {
      this.#release(click);
    }
  }

  /**
   * @param {PendingClick} click
   * @param {boolean} [fresh] not in the store yet
   * @returns {Waiting}
   */
  #hold(click, fresh = false) {
    /** @type {Waiting} */
    const waiting = { click, tried: 0, bare: false, busy: false, late: false, timer: undefined };
    this.#waiting.set(click.id, waiting);
    if (fresh) {
      this.#store.keepClick(click).catch(() => this.#around.forgetful());
      setTimeout(() => this.#mark(waiting), LATE_MS);
    }
    return waiting;
  }

  /** @param {PendingClick} click */
  #release(click) {
    clearTimeout(this.#waiting.get(click.id)?.timer);
    this.#waiting.delete(click.id);
    this.#store.forgetClick(click.id).catch(() => this.#around.forgetful());
    this.#around.changed();
  }

  /** @param {Waiting} waiting */
  #mark(waiting) {
    if (this.#waiting.get(waiting.click.id) === waiting && !waiting.late) {
      waiting.late = true;
      this.#around.changed();
    }
  }

  /** @param {Waiting} waiting */
  async #send(waiting) {
    if (waiting.busy || this.#api.token === null) {
      return;
    }
    clearTimeout(waiting.timer);
    waiting.busy = true;
    const answer = await this.#api.call("POST", "/clicks", clickBody(waiting.click, {
      sentAt: new Date().toISOString(),
      position: this.#around.lastFix(),
      battery: this.#around.battery(),
      bare: waiting.bare,
    }));
    waiting.busy = false;
    this.#around.heard(answer.status !== 0);
    if (this.#waiting.get(waiting.click.id) === waiting) {
      this.#settle(waiting, answer);
    }
  }

  /**
   * @param {Waiting} waiting
   * @param {Answer} answer
   */
  #settle(waiting, answer) {
    const meaning = verdict(answer);
    if (meaning === "sent") {
      this.#around.acknowledged(/** @type {PhoneAlert} */ (alertOf(answer))); // first: between the two nothing would run
      this.#release(waiting.click);
    } else if (meaning === "stale") {
      waiting.click = { ...waiting.click, stale: true };
      this.#store.keepClick(waiting.click).catch(() => this.#around.forgetful());
      this.#around.changed();
    } else if (meaning === "spare") {
      this.#spare(waiting, answer.wait);
    } else if (meaning === "unpaired") {
      this.#mark(waiting);
      this.#around.unpaired();
    } else {
      this.#later(waiting, { refused: meaning === "refused", wait: answer.wait });
    }
  }

  /**
   * The service says that her alert runs and this click would add nothing. Seen with our own eyes it is let go: sent
   * later, it would begin another alert if she ended this one meanwhile. Otherwise it is tried again as any other.
   * @param {Waiting} waiting
   * @param {number} wait seconds
   */
  async #spare(waiting, wait) {
    waiting.busy = true;
    const alert = alertOf(await this.#api.call("GET", "/alert"));
    waiting.busy = false;
    if (this.#waiting.get(waiting.click.id) !== waiting) {
      return;
    }
    if (alert !== null && covers(alert, waiting.click)) {
      this.#around.spared(alert);
      this.#release(waiting.click);
    } else {
      this.#later(waiting, { refused: false, wait });
    }
  }

  /**
   * @param {Waiting} waiting
   * @param {{refused: boolean, wait: number}} why
   */
  #later(waiting, { refused, wait }) {
    if (refused && !waiting.bare) {
      waiting.bare = true;
    } else {
      this.#mark(waiting);
    }
    waiting.timer = setTimeout(() => this.#send(waiting), pause(waiting.tried, Math.random(), wait));
    waiting.tried += 1;
  }
}
