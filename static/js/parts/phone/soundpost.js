/**
 * Sound on its way: one job after the other, each tried again until the service has answered it. It waits in memory; what
 * waits for longer than a second is kept on the telephone too, sealed, until the service has it (decision 0057).
 */

import { pause } from "../../pure/clicks.js";
import { meaning } from "../../pure/soundanswers.js";
import { added, asked, waiting } from "../../pure/soundqueue.js";

/** Up to four seconds between two tries: a network that comes back for a moment must find us. */
const LONGEST_TRY = 3;

export class SoundPost {
  #api;
  #around;
  /** @type {SoundJob[]} */
  #jobs = [];
  /** What belongs to no recording of these is not sent. @type {Set<SoundRecording>} */
  #live = new Set();
  #isBusy = false;
  #tried = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Seconds that nobody will ever have. */
  lost = 0;

  /**
   * @param {PhoneApi} api
   * @param {SoundPostAround} around
   */
  constructor(api, around) {
    this.#api = api;
    this.#around = around;
  }

  waiting() {
    return waiting(this.#jobs);
  }

  /** @param {SoundJob} job */
  add(job) {
    if (this.#live.has(job.recording) === (job.kind === "begin")) {
      return; // begun already, or nobody's any more
    }
    this.#live.add(job.recording);
    const before = this.#jobs;
    this.#jobs = added(before, job);
    this.lost += before.length + 1 - this.#jobs.length;
    const { keeper } = this.#around;
    keeper.forget(before.filter((one) => !this.#jobs.includes(one)));
    this.#jobs.filter((one) => one !== job).forEach((one) => keeper.keep(one)); // a second or more without an answer
    this.flush();
  }

  /** What an earlier page left: it comes first. */
  async restore() {
    const found = await this.#around.keeper.left();
    found.forEach(({ recording }) => this.#live.add(recording));
    this.#jobs = [...found, ...this.#jobs];
    this.flush();
  }

  /** Send what waits, unless a pause runs. */
  async flush() {
    if (this.#isBusy || this.#timer !== undefined) {
      return;
    }
    this.#isBusy = true;
    while (await this.#sendOne()) {
      this.#around.changed();
    }
    this.#isBusy = false;
    this.#around.changed();
  }

  /** Now: the network or the page came back. */
  hurry() {
    this.#wake();
    this.flush();
  }

  /** Recordings that the service was never told of: no alert stands behind them any more. */
  forgetUntold() {
    const untold = this.#jobs.filter(({ kind, recording }) => kind === "begin" && !recording.isFound);
    untold.forEach(({ recording }) => this.#drop(recording));
  }

  /** The credential is gone: what waits is no longer anybody's. */
  empty() {
    this.#wake();
    this.#jobs = [];
    this.#live.clear();
  }

  /** Nor does anything of it remain on the telephone. */
  forget() {
    this.empty();
    this.#around.keeper.clear();
  }

  #wake() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {SoundRecording} recording */
  #drop(recording) {
    this.#live.delete(recording);
    this.#around.keeper.forget(this.#jobs.filter((job) => job.recording === recording));
    this.#jobs = this.#jobs.filter((job) => job.recording !== recording);
  }

  /** @returns {Promise<boolean>} whether to go on */
  async #sendOne() {
    const [job] = this.#jobs;
    if (!job || this.#api.token === null || (job.kind === "begin" && !this.#around.mayBegin())) {
      return false;
    }
    const { method, path, body, headers } = asked(job, job.kind === "chunk" ? await digest(job.bytes) : "");
    const answer = await this.#api.call(method, path, body, headers);
    return this.#jobs[0] !== job || this.#settle(job, answer); // another first one: it was given up meanwhile
  }

  /**
   * @param {SoundJob} job
   * @param {Answer} answer
   * @returns {boolean} whether to go on
   */
  #settle(job, answer) {
    const what = meaning(job.kind, answer, { tried: this.#tried, expected: this.#around.isExpecting() });
    if (what === "later") {
      this.#rest(answer.wait);
      return false;
    }
    this.#tried = 0;
    if (what === "unpaired") {
      this.#around.unpaired();
      return false;
    }
    if (what === "over" || (what === "anew" && job.recording.isToldAgain)) {
      this.#drop(job.recording);
      this.#around.refused(job.recording, answer.code);
    } else if (what === "anew") {
      job.recording.isToldAgain = true;
      this.#jobs = [{ recording: job.recording, kind: "begin" }, ...this.#jobs];
    } else {
      this.#done(job, what === "done");
    }
    return true;
  }

  /**
   * @param {SoundJob} job
   * @param {boolean} isTaken
   */
  #done(job, isTaken) {
    this.#jobs = this.#jobs.slice(1);
    this.#around.keeper.forget([job]);
    if (job.kind === "chunk") {
      job.recording.isSafe ||= isTaken && job.first;
      this.lost += isTaken ? 0 : 1;
    } else if (job.kind === "close") {
      this.#live.delete(job.recording);
    }
  }

  /** @param {number} wait seconds that the service asked for */
  #rest(wait) {
    this.#tried += 1;
    this.#timer = setTimeout(() => this.hurry(), pause(Math.min(this.#tried, LONGEST_TRY), Math.random(), wait));
  }
}

/** @param {ArrayBuffer} bytes */
async function digest(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))));
}
