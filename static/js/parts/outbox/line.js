/** What her telephone has to say to the service: kept while there is no network, sent in order when it is back. */

import { sentence, service } from "./service.js";

const MOST_FIXES = 500;

/** @param {{status: number} | null} answer */
function comesBack(answer) {
  return answer === null || answer.status >= 500 || answer.status === 429;
}

export class Line {
  /** @type {any} */
  alert = null;
  online = true;
  /** @type {any[]} */
  #clicks = [];
  /** @type {any[]} */
  #fixes = [];
  #busy = false;

  /**
   * @param {string} base
   * @param {string} token
   * @param {{changed: () => void, say: (text: string) => void, words: Record<string, string>}} page
   */
  constructor(base, token, page) {
    this.service = service(base, token);
    this.page = page;
  }

  get waiting() {
    return this.#clicks.length + this.#fixes.length;
  }

  /**
   * @param {string} gesture
   * @param {{battery: number}} fix
   */
  click(gesture, fix) {
    const { battery } = fix;
    this.#clicks.push({
      id: crypto.randomUUID(), gesture, clicked_at: new Date().toISOString(), position: fix, battery,
    });
    this.page.say(this.online ? "" : this.page.words["kept"] ?? "");
    this.flush();
  }

  /**
   * Outside an alert her place goes nowhere and is not kept either.
   * @param {unknown} fix
   */
  move(fix) {
    if (this.alert || this.#clicks.length > 0) {
      this.#fixes.push(fix);
    }
    this.flush();
  }

  /** @param {boolean} online */
  connect(online) {
    this.online = online;
    this.flush();
  }

  async look() {
    const answer = this.online ? await this.service.ask("GET", "/alert") : null;
    if (answer?.status === 200) {
      this.alert = answer.body.alert;
      this.page.changed();
    }
  }

  async flush() {
    this.page.changed();
    if (this.#busy || !this.online) {
      return;
    }
    this.#busy = true;
    try {
      if (await this.#sendClicks()) {
        await this.#sendFixes();
      }
    } finally {
      this.#busy = false;
      this.page.changed();
    }
  }

  /**
   * Whether the alert was closed.
   * @param {string} pin
   * @param {string} reason
   */
  async close(pin, reason) {
    const { words } = this.page;
    const id = this.alert?.id;
    if (!id) {
      this.page.say(words["idle"] ?? "");
      return false;
    }
    const answer = this.online ? await this.service.ask("POST", "/alert/close", { alert: id, pin, reason }) : null;
    if (answer?.status === 200) {
      this.alert = null;
      this.page.say(words["closed"] ?? "");
      this.page.changed();
      return true;
    }
    this.page.say(this.#whyNot(answer));
    return false;
  }

  /** @param {{status: number, body: any} | null} answer */
  #whyNot(answer) {
    const { words } = this.page;
    if (answer === null) {
      return words["unreachable"] ?? "";
    }
    return answer.status === 403 ? words["wrongPin"] ?? "" : `${words["refused"]} ${sentence(answer)}`;
  }

  async #sendClicks() {
    for (let click = this.#clicks[0]; click !== undefined; click = this.#clicks[0]) {
      const answer = await this.service.ask("POST", "/clicks", { ...click, sent_at: new Date().toISOString() });
      if (answer === null || comesBack(answer)) {
        this.page.say(this.page.words["unreachable"] ?? "");
        return false;
      }
      this.#clicks.shift();
      this.#clicked(answer);
    }
    return true;
  }

  /** @param {{status: number, body: any}} answer */
  #clicked(answer) {
    if (answer.status >= 300) {
      this.page.say(this.#whyNot(answer));
      return;
    }
    this.alert = answer.body.alert;
    this.page.say(this.page.words["sent"] ?? "");
  }

  async #sendFixes() {
    if (!this.alert) {
      this.#fixes = [];
    }
    const positions = this.#fixes.slice(0, MOST_FIXES);
    if (positions.length === 0) {
      return;
    }
    const answer = await this.service.ask("POST", "/positions", { sent_at: new Date().toISOString(), positions });
    if (!comesBack(answer)) {
      this.#fixes.splice(0, positions.length);
    }
  }
}
