/**
 * Her microphone and her camera for her relatives: a key, and one line of words. Only her own hand on this page opens
 * them: nothing that is kept, received or called starts them, and the code that does is asked for in that very moment.
 */

import { off, voiceView } from "../../pure/voiceview.js";
import { part, say } from "./dom.js";

/** A second tap on the same place, by a hand that shakes, is none. */
const DEAF_MS = 700;

export class Voice {
  #api;
  #words;
  #root = part("voice", HTMLElement);
  #line = part("voice-line", HTMLElement);
  #main = part("voice-main", HTMLButtonElement);
  #camera = part("voice-camera", HTMLButtonElement);
  #facing = part("voice-facing", HTMLButtonElement);
  #hear = part("voice-hear", HTMLButtonElement);
  #state = off("");
  #offered = false;
  /** Counts her taps: what an older one began is void. */
  #turn = 0;
  #tapped = -DEAF_MS;
  /** @type {HerSeatHandle | null} */
  #seat = null;

  /**
   * @param {PhoneApi} api
   * @param {Words} words
   */
  constructor(api, words) {
    this.#api = api;
    this.#words = words;
    this.#main.addEventListener("click", (event) => this.#tap(event));
    this.#camera.addEventListener("click", (event) => event.isTrusted && this.#seat?.toggleCamera());
    this.#facing.addEventListener("click", () => this.#seat?.turnCamera());
    this.#hear.addEventListener("click", () => this.#seat?.hear(this.#state.hears ? [] : ears()));
    for (const leaving of ["leaving", "pagehide"]) {
      globalThis.addEventListener(leaving, () => this.stop(""));
    }
  }

  /** @param {boolean} offered whether an alert runs that relatives meet for; without one nothing is open */
  offer(offered) {
    this.#offered = offered;
    if (!offered) {
      this.stop("");
    }
    this.#draw();
  }

  /** Everything off, at once. @param {string} why a word of `voiceView`, or nothing */
  stop(why) {
    this.#turn += 1;
    this.#seat?.close();
    this.#seat = null;
    this.#set(off(why));
  }

  /** @param {MouseEvent} event */
  #tap(event) {
    if (!event.isTrusted || event.timeStamp - this.#tapped < DEAF_MS) {
      return;
    }
    this.#tapped = event.timeStamp;
    if (this.#state.standing !== "off") {
      this.stop("");
    } else if (this.#offered) {
      this.#open();
    }
  }

  async #open() {
    this.#turn += 1;
    const turn = this.#turn;
    this.#set({ standing: "loading", why: "" });
    const code = await import("../roomher.js").catch(() => null);
    if (turn !== this.#turn) {
      return;
    }
    if (code === null) {
      this.stop("not_loaded");
      return;
    }
    this.#seat = new code.HerSeat({
      api: this.#api,
      told: (news) => turn === this.#turn && this.#set(news),
      ended: (why) => turn === this.#turn && this.stop(why),
    });
    this.#seat.open();
  }

  /** @param {Partial<VoiceState>} news */
  #set(news) {
    Object.assign(this.#state, news);
    this.#draw();
  }

  #draw() {
    const shown = voiceView(this.#state, this.#words);
    this.#root.hidden = !this.#offered;
    this.#root.dataset["state"] = shown.on ? "on" : "off";
    say(this.#line, shown.line);
    say(this.#main, shown.main);
    say(this.#camera, shown.camera);
    say(this.#hear, shown.hear);
    this.#camera.hidden = !shown.on;
    this.#hear.hidden = !shown.on;
    this.#facing.hidden = !shown.facing;
  }
}

/** Telephones let a page sound only what was begun by a tap. */
function ears() {
  return Array.from({ length: 8 }, () => {
    const ear = new Audio();
    ear.play().catch(() => undefined); // nothing to play yet
    return ear;
  });
}
