/** What she chose in her profile, kept on this telephone so that it holds without a network. Nothing of it says who she is. */

import { textLink, writesLikeApple } from "../../pure/textclick.js";

const LONGEST_S = 20;

export class Chosen {
  #api;
  #store;

  siren = false;
  /** A long press records the sound. */
  recording = false;
  /** Seconds. */
  interval = 10;
  /** Where a text of hers is heard, or null. @type {string | null} */
  number = null;

  /**
   * @param {PhoneApi} api
   * @param {PhoneStore} store
   */
  constructor(api, store) {
    this.#api = api;
    this.#store = store;
  }

  async load() {
    this.#take(/** @type {Record<string, unknown>} */ (await this.#store.kept("settings") ?? {}));
  }

  /**
   * Ask the service; without an answer what was known holds.
   * @param {() => void} forgetful the telephone does not keep it
   * @returns {Promise<Record<string, unknown>>} the service's words on this telephone
   */
  async ask(forgetful) {
    const { token } = this.#api;
    if (token === null) {
      return {};
    }
    const [settings, inbound] = await Promise.all([this.#api.call("GET", "/settings"), this.#api.call("GET", "/inbound")]);
    if (this.#api.token !== token || settings.status !== 200) {
      return {};
    }
    this.#take({ ...settings.body, ...(inbound.status === 200 ? inbound.body : {}) });
    const { siren, recording, interval, number } = this;
    this.#store.keep("settings", { siren, recording, interval_seconds: interval, number }).catch(forgetful);
    return settings.body;
  }

  /**
   * The click that waits, as a text that she may send herself.
   * @param {PendingClick | undefined} click
   * @param {Fix | null} fix
   */
  text(click, fix) {
    const apple = writesLikeApple(navigator.userAgent);
    return click ? textLink({ number: this.number, gesture: click.gesture, fix, now: Date.now(), apple }) : "";
  }

  forget() {
    this.#take({ siren: false, recording: false, number: null });
  }

  /** @param {Record<string, unknown>} told */
  #take(told) {
    const { siren, recording, interval_seconds: seconds, number } = told;
    this.siren = typeof siren === "boolean" ? siren : this.siren;
    this.recording = typeof recording === "boolean" ? recording : this.recording;
    this.interval = typeof seconds === "number" && seconds > 0 ? Math.min(seconds, LONGEST_S) : this.interval;
    if (number === null || (typeof number === "string" && /^\+?\d{3,15}$/.test(number))) {
      this.number = number;
    }
  }
}
