/**
 * The sound of a long press, where she chose to record: it begins with her own gesture on this page and with nothing
 * else, goes on while her alert and this page live, and ends at once when she says so. The alert never waits for it.
 */

import { pause } from "../../pure/clicks.js";
import { isCalm } from "../../pure/phoneview.js";
import { silent, soundView, trouble } from "../../pure/soundview.js";
import { pieces } from "../../pure/soundqueue.js";
import { part, say } from "./dom.js";
import { hearing, hearingKnown, heardNow } from "./hearing.js";
import { SoundPost } from "./soundpost.js";

/** A second tap on the same place, by a hand that shakes, is none. */
const DEAF_MS = 700;
/** Ten minutes: a call that holds the microphone for longer will not give it back soon. */
const TRIES = 40;
/** @type {Record<Hearing, string>} */
const WITHOUT = { granted: "", prompt: "unasked", denied: "refused", unable: "unable" };

export class Recorder {
  #around;
  #post;
  #root = part("sound", HTMLElement);
  #line = part("sound-line", HTMLElement);
  #key = part("sound-key", HTMLButtonElement);
  #state = silent("");
  /** @type {PhoneState | null} */
  #page = null;
  #isChosen = false;
  /** @type {Promise<MicrophoneCode | null> | null} */
  #code = null;
  /** @type {MicrophoneHandle | null} */
  #microphone = null;
  /** @type {SoundRecording | null} */
  #recording = null;
  /** Counts what she did: what an older one began is void. */
  #turn = 0;
  /** The turn in which the microphone is being asked for. */
  #opening = -1;
  #tried = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #tapped = -DEAF_MS;

  /** @param {RecorderAround} around */
  constructor(around) {
    this.#around = around;
    this.#post = new SoundPost(around.api, {
      mayBegin: () => this.#hasAlert() || !this.#isExpecting(),
      isExpecting: () => this.#isExpecting(),
      changed: () => this.#draw(),
      refused: (recording, code) => this.#refused(recording, code),
      unpaired: () => around.unpaired(),
      keeper: around.keeper,
    });
    this.#key.addEventListener("click", (event) => this.#tap(event));
    globalThis.addEventListener?.("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    for (const leaving of ["leaving", "pagehide"]) {
      globalThis.addEventListener?.(leaving, () => this.#end(""));
    }
  }

  isOn() {
    return this.#state.standing !== "off";
  }

  /** @param {Gesture} gesture of hers, on this page; nothing else begins a recording, but her tap on the key below */
  pressed(gesture) {
    if (gesture !== "long" || !this.#isChosen) {
      return;
    }
    if (this.#state.standing === "off") {
      this.#begin({ mayAsk: false });
    } else {
      this.#hurry();
    }
  }

  /** Send what an earlier page could not. */
  restore() {
    return this.#post.restore();
  }

  /** This telephone is nobody's any more. */
  forget() {
    this.#end("");
    this.#post.forget();
  }

  /**
   * What the page knows by now: an alert that is over ends it.
   * @param {PhoneState} page
   * @param {boolean} isChosen
   */
  follow(page, isChosen) {
    this.#page = page;
    this.#isChosen = isChosen;
    if (isChosen) {
      this.#load();
    }
    this.#judge(page);
    this.#state.isOffered = isChosen && page.followed && this.#hasAlert() && page.alert?.kind === "alarm";
    this.#around.ear.offer(isChosen, isCalm(page));
    this.#draw();
    this.#post.flush();
  }

  /** @param {PhoneState} page */
  #judge(page) {
    if (!page.paired) {
      this.#end("");
      this.#post.empty();
    } else if (!this.#hasAlert() && !this.#isExpecting()) {
      this.#end("");
      this.#state.why = "";
      if (page.ended === null) {
        this.#post.forgetUntold(); // she took her click back, or it was a drill
      }
    }
  }

  #hasAlert() {
    return this.#page !== null && this.#page.alert !== null && !this.#page.alert.drill;
  }

  #isExpecting() {
    return this.#page !== null && this.#page.pending.length > 0;
  }

  /** Before it is needed: the press itself must not wait for a network. */
  #load() {
    this.#code ??= this.#around.load().catch(() => {
      this.#code = null;
      return null;
    });
    return this.#code;
  }

  /** @param {MouseEvent} event */
  #tap(event) {
    if (!event.isTrusted || event.timeStamp - this.#tapped < DEAF_MS) {
      return;
    }
    this.#tapped = event.timeStamp;
    if (this.#state.standing !== "off") {
      this.#end("stopped");
    } else if (this.#state.isOffered) {
      this.#begin({ mayAsk: true });
    }
  }

  /** @param {{mayAsk: boolean}} how */
  async #begin({ mayAsk }) {
    this.#turn += 1;
    const turn = this.#turn;
    const started = new Date().toISOString();
    this.#tried = 0;
    this.#post.lost = 0;
    this.#recording = null;
    this.#set({ standing: "opening", why: "", since: started, isMuted: false });
    const code = await this.#load();
    await hearingKnown();
    if (turn !== this.#turn) {
      return;
    }
    const why = hearing() === "prompt" && mayAsk ? "" : WITHOUT[hearing()];
    if (why !== "" || code === null || code.mediaType() === "") {
      this.#end(why || "unable");
      return;
    }
    this.#prepare(code, started);
    await this.#open();
  }

  /**
   * @param {MicrophoneCode} code
   * @param {string} started
   */
  #prepare(code, started) {
    /** @type {SoundRecording} */
    const recording = {
      id: crypto.randomUUID(), started_at: started, media_type: code.mediaType(), made: 0, isSafe: false, isToldAgain: false,
    };
    this.#recording = recording;
    this.#microphone = new code.Microphone({
      heard: (piece) => this.#heard(recording, piece),
      muted: (isMuted) => recording === this.#recording && this.#set({ isMuted }),
      lost: () => recording === this.#recording && this.#again("gone"),
    });
  }

  async #open() {
    const [turn, microphone, recording] = [this.#turn, this.#microphone, this.#recording];
    if (microphone === null || recording === null || this.#opening === turn) {
      return;
    }
    this.#opening = turn;
    const error = await microphone.open().then(() => null, (reason) => reason ?? new Error("refused"));
    this.#opening = -1;
    if (turn !== this.#turn) {
      return;
    }
    if (error !== null) {
      this.#failed(trouble(error));
      return;
    }
    heardNow();
    this.#tried = 0;
    this.#post.add({ recording, kind: "begin" });
    this.#set({ standing: "on", why: "" });
  }

  /** @param {string} why */
  #failed(why) {
    if (why === "busy" && this.#tried < TRIES) {
      this.#again("busy");
    } else {
      this.#end(why);
    }
  }

  /** Her press stands: a microphone that was taken is asked for again. @param {string} why */
  #again(why) {
    this.#set({ standing: "again", why, isMuted: false });
    clearTimeout(this.#timer);
    this.#tried += 1;
    this.#timer = setTimeout(() => this.#open(), pause(Math.min(this.#tried, 5), Math.random()));
  }

  #hurry() {
    this.#post.hurry();
    if (this.#state.standing === "again") {
      clearTimeout(this.#timer);
      this.#open();
    }
  }

  /**
   * @param {SoundRecording} recording
   * @param {{segment: number, first: boolean, at: string, bytes: ArrayBuffer}} piece
   */
  #heard(recording, { segment, first, at, bytes }) {
    pieces(bytes).forEach((piece, place) => {
      this.#post.add({
        recording, kind: "chunk", number: recording.made, segment, first: first && place === 0, at, bytes: piece,
      });
      recording.made += 1;
    });
    this.#draw();
  }

  /** Off at once; what was heard goes on to the service. @param {string} why a word of `soundView`, or nothing */
  async #end(why) {
    if (this.#state.standing === "off") {
      return;
    }
    this.#turn += 1;
    clearTimeout(this.#timer);
    const [microphone, recording] = [this.#microphone, this.#recording];
    this.#microphone = null;
    this.#set({ standing: "off", why, isMuted: false });
    await microphone?.close();
    if (recording !== null) {
      this.#post.add({ recording, kind: "close", chunks: recording.made });
    }
  }

  /**
   * @param {SoundRecording} recording
   * @param {string} code
   */
  #refused(recording, code) {
    if (recording === this.#recording) {
      this.#end(code === "no_open_alert" ? "" : "full");
    }
  }

  /** @param {Partial<SoundState>} news */
  #set(news) {
    Object.assign(this.#state, news);
    this.#draw();
  }

  #draw() {
    const state = this.#state;
    state.isSafe = this.#recording?.isSafe ?? false;
    state.waiting = this.#post.waiting();
    state.lost = this.#post.lost;
    const shown = soundView(state, this.#around.words, this.#around.language);
    this.#root.hidden = !shown.shown;
    this.#root.dataset["state"] = shown.on ? "on" : "off";
    say(this.#line, shown.line);
    say(this.#key, shown.key);
    this.#key.hidden = shown.key === "";
  }
}
