/** The rehearsal: while it lasts every gesture is recognised, felt and counted, and nothing leaves this telephone. */

import { begun, isOver, tried } from "../../pure/rehearsal.js";
import { part } from "./dom.js";
import { felt } from "./surface.js";

export class Rehearsal {
  #changed;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @type {RehearsalState | null} */
  state = null;

  /**
   * @param {() => void} changed
   * @param {() => void} drop lets go of a gesture that is half made: begun while nothing left, it is not meant
   */
  constructor(changed, drop) {
    this.#changed = changed;
    part("rehearse", HTMLButtonElement).addEventListener("click", () => this.begin());
    part("rehearse-end", HTMLButtonElement).addEventListener("click", () => {
      drop();
      this.end();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" || this.end());
  }

  begin() {
    this.state = begun(performance.now());
    part("settings", HTMLDetailsElement).open = false;
    scrollTo(0, 0);
    this.#next();
  }

  /**
   * @param {Gesture} gesture
   * @returns {boolean} whether it was only tried; otherwise it is meant
   */
  takes(gesture) {
    if (this.state === null || isOver(this.state, performance.now())) {
      this.forget();
      return false;
    }
    this.state = tried(this.state, gesture, performance.now());
    felt(gesture);
    this.#next();
    return true;
  }

  end() {
    if (this.state !== null) {
      this.forget();
      this.#changed();
    }
  }

  /** Over, and whoever asks shows it. */
  forget() {
    clearTimeout(this.#timer);
    this.state = null;
  }

  #next() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), (this.state?.until ?? 0) - performance.now());
    this.#changed();
  }
}
