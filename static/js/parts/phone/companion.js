/** What this telephone knows of her alert, and what follows from it: who is told, whether she is followed, what is shown. */

import { alertOf } from "../../pure/clicks.js";
import { unknown } from "../../pure/phoneview.js";
import { Chosen } from "./chosen.js";
import { accompany, appear, gather } from "./gathering.js";
import { Outbox } from "./outbox.js";
import { offerClients } from "./screen.js";
import { Standing } from "./standing.js";
import { arrived, felt } from "./surface.js";
import { Tracker } from "./tracker.js";

const POLL_OPEN_MS = 3000;
const POLL_READY_MS = 20_000;

/** @implements {Surroundings} */
export class Companion {
  /** @param {CompanionAround} around */
  constructor({ api, store, words, language, voice, siren, rehearsal, recorder }) {
    this.api = api;
    this.store = store;
    this.words = words;
    this.language = language;
    this.voice = voice;
    this.siren = siren;
    this.rehearsal = rehearsal;
    this.recorder = recorder;
    this.state = unknown();
    this.chosen = new Chosen(api, store);
    this.standing = new Standing(api);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.poll = undefined;
    /** Grows with everything she does: an answer asked for before that says nothing about after. */
    this.epoch = 0;
    /** @type {BatteryManager | null} */
    this.power = null;
    this.tracker = new Tracker(api, store, this);
    this.outbox = new Outbox(api, store, this);
  }

  // What the outbox and the tracker tell and ask.

  /** @param {PhoneAlert} alert */
  acknowledged(alert) {
    this.epoch += 1;
    this.state.spare = false;
    arrived();
    if (alert.state === "open") {
      this.#remember(alert, { followed: true });
      this.tracker.flush();
    } else {
      this.over(alert.id); // the answer to an earlier try was lost, and the alert ended meanwhile
    }
    this.look();
  }

  /** @param {PhoneAlert} alert */
  spared(alert) {
    this.epoch += 1;
    this.state.spare = true;
    this.#remember(alert, { followed: true });
    this.tracker.flush();
  }

  battery() {
    return this.power === null ? null : Math.round(this.power.level * 100);
  }

  forgetful() {
    this.state.forgetful = true;
    this.changed();
  }

  /** @param {boolean} answered */
  heard(answered) {
    this.state.cut = !answered;
  }

  lastFix() {
    return this.tracker.last();
  }

  /** A fix belongs to an alert that the service knows of: while the click itself waits, fixes wait behind it. */
  maySend() {
    return this.state.alert !== null || this.outbox.pending().length === 0;
  }

  unpaired() {
    this.#forget({ revoked: true });
  }

  /** Everything shown follows from what is known, and so does whether she is followed. */
  changed() {
    gather(this.state, this);
    accompany(this.state, this);
    appear(this);
  }

  // What she does.

  /**
   * The one door of every gesture: of the surface, of its keys, of a button.
   * @param {Gesture} gesture
   */
  made(gesture) {
    if (!this.state.paired || this.rehearsal.takes(gesture)) {
      return;
    }
    if (gesture === "long" && this.chosen.siren) {
      this.siren.start({ listening: this.chosen.recording });
    }
    this.epoch += 1;
    Object.assign(this.state, { ended: null, spare: false, followed: true });
    this.outbox.add(gesture);
    this.recorder.pressed(gesture); // after the click: its request has left
    felt(gesture);
    this.changed();
  }

  /** An alert that another telephone of hers opened: say from here, too, where she is. */
  follow() {
    if (this.state.alert !== null) {
      this.#remember(this.state.alert, { followed: true });
    }
  }

  /** @param {boolean} yes send the click that waited too long, or let it go */
  answer(yes) {
    const old = this.outbox.pending().find((click) => click.stale);
    if (!old) {
      return;
    }
    if (yes) {
      this.state.followed = true;
      this.outbox.sendNow(old);
    } else {
      this.outbox.giveUp(old);
      this.#fallSilent();
    }
  }

  /** A siren that no code can end any more: nothing runs and nothing waits. */
  #fallSilent() {
    if (this.state.alert === null && this.outbox.pending().length === 0) {
      this.state.followed = false; // no gesture stands behind what another telephone may begin
      this.siren.stop();
      this.changed();
    }
  }

  /**
   * An alert is over for this telephone: the same words and the same steps whichever code she gave. If she has begun
   * another since, that one runs on.
   * @param {string} id
   */
  over(id) {
    if (this.state.alert !== null && this.state.alert.id !== id) {
      return;
    }
    this.epoch += 1;
    Object.assign(this.state, { alert: null, followed: false, spare: false, removed: [], ended: new Date().toISOString() });
    this.siren.stop();
    this.#keepAlert();
    this.changed();
    this.tracker.flush();
  }

  /**
   * She took somebody out of an alert; shown the same whichever code she gave.
   * @param {string} id of the alert
   * @param {number} contact
   */
  removed(id, contact) {
    const { state } = this;
    if (state.alert?.id === id) {
      state.removed = [...state.removed, contact];
      this.#keepAlert();
      this.changed();
    }
  }

  /** @param {string} token */
  async paired(token) {
    this.epoch += 1;
    this.api.token = token;
    await this.store.keep("phone", { token }).catch(() => this.forgetful()); // her code is spent: it works until the page closes
    Object.assign(this.state, { paired: true, revoked: false });
    navigator.storage?.persist?.(); // asks the browser not to forget the credential when space is short
    this.open();
  }

  /** @returns {Promise<boolean>} whether the service agreed */
  async unpair() {
    const answer = await this.api.call("DELETE", "/phone");
    const agreed = (answer.status >= 200 && answer.status < 300) || answer.status === 401;
    if (agreed) {
      this.#forget({ revoked: false });
    }
    return agreed;
  }

  // What time and the network do.

  /** Ask the service for the state of the alert, then again in a while. */
  async look() {
    clearTimeout(this.poll);
    if (this.api.token === null || (document.visibilityState !== "visible" && !this.recorder.isOn())) {
      return; // whoever hears goes on asking: a microphone must not outlive an alert that ends elsewhere
    }
    const asked = this.epoch;
    const answer = await this.api.call("GET", "/alert");
    this.heard(answer.status !== 0);
    if (asked === this.epoch) {
      this.#learn(answer);
    }
    clearTimeout(this.poll);
    this.poll = setTimeout(() => this.look(), this.state.alert === null ? POLL_READY_MS : POLL_OPEN_MS);
  }

  /** Everything that waits leaves now: the network or the page came back. */
  hurry() {
    this.outbox.retry();
    this.tracker.flush();
    this.look();
    this.#settle();
    if (this.state.paired && this.state.position === "granted") {
      this.tracker.glance();
    }
  }

  /** The page is there: show it, and ask. */
  open() {
    this.changed();
    if (this.state.paired) {
      this.hurry();
    }
  }

  async #settle() {
    offerClients(await this.chosen.ask(() => this.forgetful()));
    this.standing.freshen();
    this.changed();
  }

  /** @param {Answer} answer */
  #learn(answer) {
    const alert = alertOf(answer);
    if (answer.status === 401 && answer.code !== "") {
      this.unpaired();
    } else if (answer.status === 200 && alert !== null) {
      this.#remember(alert, { followed: false });
    } else if (answer.status === 200 && answer.body["alert"] === null && this.state.alert !== null) {
      this.over(this.state.alert.id);
    } else {
      this.changed();
    }
  }

  /**
   * @param {PhoneAlert} alert
   * @param {{followed: boolean}} how whether a gesture on this telephone stands behind it
   */
  #remember(alert, { followed }) {
    const { state } = this;
    const known = state.alert?.id === alert.id;
    state.alert = alert;
    state.followed = followed || state.followed;
    state.ended = null;
    state.removed = known ? state.removed : [];
    if (!known || followed) {
      this.#keepAlert();
    }
    this.changed();
  }

  /** @param {{revoked: boolean}} how by the service, or by her here */
  #forget({ revoked }) {
    this.epoch += 1;
    this.api.token = null;
    Object.assign(this.state, { paired: false, revoked, alert: null, followed: false, removed: [], ended: null });
    this.siren.stop();
    this.standing.forget();
    this.chosen.forget();
    this.tracker.empty();
    this.recorder.forget();
    if (!revoked) {
      this.outbox.empty();
    }
    const left = revoked ? this.store.keep("phone", { token: null }) : this.store.forgetEverything();
    left.then(() => this.store.keep("alert", null)).catch(() => this.forgetful());
    this.changed();
  }

  /** What a reload must find of her alert. */
  #keepAlert() {
    const { alert, followed, removed } = this.state;
    this.store.keep("alert", alert === null ? null : { alert, followed, removed }).catch(() => this.forgetful());
  }
}
