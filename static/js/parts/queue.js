// Sends actions one after the other, in their order, each until it is answered; what is not sent yet survives a reload.

import { isAnswered, patience, restored, together, without } from "../pure/queue.js";

const GIVE_UP = 10_000; // milliseconds: a network that swallows everything gives no error
const PREFIX = "unsent ";

/**
 * @typedef {{
 *   url: string,
 *   answered: (deed: LiveDeed, accepted: boolean, body: any) => void,
 *   waiting: (deeds: LiveDeed[], failed: boolean) => void,
 * }} Surroundings
 */

class Queue {
  /** @param {Surroundings} around */
  constructor(around) {
    this.around = around;
    this.failures = 0;
    this.sending = false;
    this.timer = 0;
    this.deeds = this.#kept();
    const now = () => this.#next();
    window.addEventListener("online", now);
    window.addEventListener("pageshow", now);
    document.addEventListener("resume", now);
    document.addEventListener("visibilitychange", now);
  }

  /** What this browser keeps; where it keeps nothing (a private window), the page alone remembers. */
  #kept() {
    try {
      return restored(localStorage.getItem(PREFIX + this.around.url), Date.now());
    } catch {
      return [];
    }
  }

  #keep() {
    try {
      if (this.deeds.length) {
        localStorage.setItem(PREFIX + this.around.url, JSON.stringify(this.deeds));
      } else {
        localStorage.removeItem(PREFIX + this.around.url);
      }
    } catch {
      // As above: it is sent as long as the page lives.
    }
  }

  /** @param {LiveDeed} deed */
  add(deed) {
    this.deeds = together(together(this.#kept(), this.deeds), [deed]);
    this.#keep();
    this.#next();
  }

  /** Begin, or try again at once: somebody looks, or the network is back. */
  async #next() {
    clearTimeout(this.timer);
    const [deed] = this.deeds;
    if (!deed || this.sending) {
      return;
    }
    this.sending = true;
    this.around.waiting(this.deeds, this.failures > 0);
    const answer = await this.#send(deed);
    this.sending = false;
    if (answer && isAnswered(answer.status)) {
      await this.#settle(deed, answer);
    } else {
      this.failures += 1;
      this.around.waiting(this.deeds, true);
      this.timer = setTimeout(() => this.#next(), patience(this.failures));
    }
  }

  /** @param {LiveDeed} deed */
  async #send(deed) {
    const given = new AbortController(); // AbortSignal.timeout is missing before iOS 16
    const giveUp = setTimeout(() => given.abort(), GIVE_UP);
    try {
      return await fetch(this.around.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(deed),
        keepalive: true,
        signal: given.signal,
      });
    } catch {
      return null;
    } finally {
      clearTimeout(giveUp);
    }
  }

  /**
   * @param {LiveDeed} deed
   * @param {Response} answer
   */
  async #settle(deed, answer) {
    this.failures = 0;
    this.deeds = without(together(this.#kept(), this.deeds), deed.id);
    this.#keep();
    this.around.waiting(this.deeds, false);
    this.around.answered(deed, answer.ok, await answer.json().catch(() => ({})));
    this.#next();
  }

  /** Send what an earlier page of this telephone could not. */
  begin() {
    this.#next();
  }
}

/**
 * `waiting` hears what is not sent yet, and whether an attempt failed; `answered` what the service said to one of them.
 * @param {Surroundings} around
 * @returns {(deed: LiveDeed) => void}
 */
export function queue(around) {
  const waiting = new Queue(around);
  waiting.begin();
  return (deed) => waiting.add(deed);
}
