/** Where she allows the microphone and tries it, calmly, long before it is needed. */

import { part, say } from "./dom.js";
import { hearing, heardNow } from "./hearing.js";

export class EarDesk {
  #words;
  #root = part("ear", HTMLElement);
  #allow = part("allow-sound", HTMLButtonElement);
  #try = part("ear-try", HTMLButtonElement);
  #line = part("ear-line", HTMLElement);
  #level = part("ear-level", HTMLElement);
  #isTrying = false;

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
    this.#allow.addEventListener("click", (event) => event.isTrusted && this.#lead());
    this.#try.addEventListener("click", (event) => event.isTrusted && this.#listen());
  }

  /**
   * @param {boolean} isChosen she records
   * @param {boolean} isCalm nothing runs: a microphone that works is left alone
   */
  offer(isChosen, isCalm) {
    this.#root.hidden = !isChosen || hearing() === "unable";
    this.#allow.hidden = !isChosen || !isCalm || hearing() !== "prompt";
    this.#try.disabled = !isCalm || this.#isTrying;
  }

  /** From the notice that it is missing to where it is explained and tried. */
  #lead() {
    part("settings", HTMLDetailsElement).open = true;
    this.#root.scrollIntoView();
    this.#listen();
  }

  async #listen() {
    if (this.#isTrying) {
      return;
    }
    this.#isTrying = true;
    this.#try.disabled = true;
    this.#say("trying");
    const code = await import("./ear.js").catch(() => null);
    const found = code === null ? "not_loaded" : await code.tryMicrophone((level) => this.#show(level));
    this.#isTrying = false;
    this.#try.disabled = false;
    this.#say(found);
    if (found === "good" || found === "faint") {
      heardNow();
    }
  }

  /** @param {string} word */
  #say(word) {
    say(this.#line, this.#words[`ear_${word}`] ?? "");
    this.#level.hidden = word !== "trying";
  }

  /** @param {number} level 0 to 1 */
  #show(level) {
    this.#level.style.setProperty("--level", String(level));
  }
}
