/** Moves her along a walk, one fix after the other, as fast as the page says. */

import { walk } from "../../pure/walk.js";

export class Stroll {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #next = 0;

  /**
   * @param {{latitude: number, longitude: number}} start
   * @param {{pace: () => number, moved: (fix: Fixed) => void, stopped: (finished: boolean) => void}} page
   * @typedef {ReturnType<typeof walk>[number]} Fixed
   */
  constructor(start, page) {
    this.steps = walk(start);
    this.page = page;
  }

  get going() {
    return this.#timer !== undefined;
  }

  /** From 0 to 1. */
  get progress() {
    return this.#next / this.steps.length;
  }

  get here() {
    const fix = this.steps[Math.max(0, this.#next - 1)];
    if (!fix) {
      throw new Error("an empty walk");
    }
    return fix;
  }

  toggle() {
    if (this.going) {
      this.#stop(false);
      return;
    }
    if (this.#next >= this.steps.length) {
      this.#next = 0;
    }
    this.#step();
  }

  /** @param {boolean} finished */
  #stop(finished) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.page.stopped(finished);
  }

  #step() {
    this.#next += 1;
    const { here } = this;
    const following = this.steps[this.#next];
    if (following) {
      this.#timer = setTimeout(() => this.#step(), ((following.t - here.t) * 1000) / this.page.pace());
    }
    this.page.moved(here);
    if (!following) {
      this.#stop(true);
    }
  }
}
