/** The companion page: one surface for her hand, the outbox and the tracker behind it, one line of words. */

import { alertOf } from "../pure/clicks.js";
import { clock, said, unknown, view } from "../pure/phoneview.js";
import { Api } from "../parts/phone/api.js";
import { stayAwake } from "../parts/phone/awake.js";
import { listenForClosing } from "../parts/phone/closing.js";
import { part, words as wordsOfPage } from "../parts/phone/dom.js";
import { Outbox } from "../parts/phone/outbox.js";
import { listenForCode, listenForUnpairing } from "../parts/phone/pairing.js";
import { listenForPermission, permission } from "../parts/phone/permission.js";
import { ask, offerClients, show } from "../parts/phone/screen.js";
import { Store } from "../parts/phone/store.js";
import { arrived, felt, listen } from "../parts/phone/surface.js";
import { Tracker } from "../parts/phone/tracker.js";

const POLL_OPEN_MS = 3000;
const POLL_READY_MS = 20_000;

const root = part("phone", HTMLElement);
const words = wordsOfPage();
const language = document.documentElement.lang;
const api = new Api(root.dataset["api"] ?? "");
const store = await Store.open();

const state = unknown();
let interval = 10;
let poll = 0;
/** Grows with everything she does: an answer asked for before that says nothing about after. */
let epoch = 0;

/** @type {BatteryManager | null} */
let battery = null;

/** @type {Surroundings} */
const around = { acknowledged, battery: charge, changed: draw, forgetful, heard, lastFix, maySend, spared, unpaired };
const tracker = new Tracker(api, store, around);
const outbox = new Outbox(api, store, around);

/** @param {PhoneAlert} alert */
function acknowledged(alert) {
  epoch += 1;
  state.spare = false;
  arrived();
  if (alert.state === "open") {
    remember(alert, { followed: true });
    tracker.flush();
  } else {
    over(); // the answer to an earlier try was lost, and the alert ended meanwhile
  }
  look();
}

/** @param {PhoneAlert} alert */
function spared(alert) {
  epoch += 1;
  state.spare = true;
  remember(alert, { followed: true });
  tracker.flush();
}

function charge() {
  return battery === null ? null : Math.round(battery.level * 100);
}

function forgetful() {
  state.forgetful = true;
  draw();
}

/** @param {boolean} answered */
function heard(answered) {
  state.cut = !answered;
}

function lastFix() {
  return tracker.last();
}

/** A fix belongs to an alert that the service knows of: while the click itself waits, fixes wait behind it. */
function maySend() {
  return state.alert !== null || outbox.pending().length === 0;
}

function unpaired() {
  forget({ revoked: true });
}

/** Everything shown follows from what is known, and so does whether she is followed. */
function draw() {
  state.pending = outbox.pending();
  state.late = outbox.late();
  state.fixes = tracker.waiting();
  state.position = permission();
  const awaited = state.pending.some((click) => !click.stale);
  if (state.followed && (state.alert !== null || awaited)) {
    tracker.start(interval);
  } else {
    tracker.stop();
  }
  stayAwake(state.alert !== null || awaited);
  const shown = view(state, words, language);
  show(shown);
  if (shown.ask !== null) {
    const { gesture, clicked_at } = shown.ask;
    ask(said(words["stale"], { gesture: words[gesture] ?? "", time: clock(clicked_at, language) }));
  }
}

/** @param {Gesture} gesture */
function made(gesture) {
  epoch += 1;
  state.ended = null;
  state.spare = false;
  state.followed = true;
  outbox.add(gesture);
  felt(gesture);
  draw();
}

/**
 * @param {PhoneAlert} alert
 * @param {{followed: boolean}} how whether a gesture on this telephone stands behind it
 */
function remember(alert, { followed }) {
  const known = state.alert?.id === alert.id;
  state.alert = alert;
  state.followed = followed || state.followed;
  state.ended = null;
  if (!known || followed) {
    store.keep("alert", { alert, followed: state.followed }).catch(forgetful);
  }
  draw();
}

/** The alert is over for this telephone: the same words and the same steps whichever code she gave. */
function over() {
  epoch += 1;
  state.alert = null;
  state.followed = false;
  state.spare = false;
  state.ended = new Date().toISOString();
  store.keep("alert", null).catch(forgetful);
  draw();
  tracker.flush();
}

/** @param {{revoked: boolean}} how by the service, or by her here */
function forget({ revoked }) {
  epoch += 1;
  api.token = null;
  Object.assign(state, { paired: false, revoked, alert: null, followed: false, ended: null });
  tracker.empty();
  if (!revoked) {
    outbox.empty();
  }
  const left = revoked ? store.keep("phone", { token: null }) : store.forgetEverything();
  left.then(() => store.keep("alert", null)).catch(forgetful);
  draw();
}

/** Ask the service for the state of the alert, then again in a while. */
async function look() {
  clearTimeout(poll);
  if (api.token === null || document.visibilityState !== "visible") {
    return;
  }
  const asked = epoch;
  const answer = await api.call("GET", "/alert");
  heard(answer.status !== 0);
  if (asked === epoch) {
    learn(answer);
  }
  clearTimeout(poll);
  poll = setTimeout(look, state.alert === null ? POLL_READY_MS : POLL_OPEN_MS);
}

/** @param {Answer} answer */
function learn(answer) {
  const alert = alertOf(answer);
  if (answer.status === 401 && answer.code !== "") {
    unpaired();
  } else if (answer.status === 200 && alert !== null) {
    remember(alert, { followed: false });
  } else if (answer.status === 200 && answer.body["alert"] === null && state.alert !== null) {
    over();
  } else {
    draw();
  }
}

/** Everything that waits leaves now: the network or the page came back. */
function hurry() {
  outbox.retry();
  tracker.flush();
  look();
  if (state.paired && state.position === "granted") {
    tracker.glance();
  }
}

/** @param {string} token */
async function paired(token) {
  api.token = token;
  await store.keep("phone", { token });
  Object.assign(state, { paired: true, revoked: false });
  navigator.storage?.persist?.(); // asks the browser not to forget the credential when space is short
  begin();
}

async function begin() {
  draw();
  hurry();
  const answer = await api.call("GET", "/settings");
  const seconds = answer.body["interval_seconds"];
  interval = typeof seconds === "number" && seconds > 0 ? Math.min(seconds, 20) : interval;
  offerClients(answer.body);
}

async function unpair() {
  const answer = await api.call("DELETE", "/phone");
  const agreed = (answer.status >= 200 && answer.status < 300) || answer.status === 401;
  if (agreed) {
    forget({ revoked: false });
  }
  return agreed;
}

/** What an earlier page left: who this telephone is, the alert, and what had not been sent. */
async function recall() {
  const phone = /** @type {{token: string | null} | null} */ (await store.kept("phone"));
  const left = /** @type {{alert: PhoneAlert, followed: boolean} | null} */ (await store.kept("alert"));
  if (phone !== null) {
    api.token = phone.token;
    state.paired = phone.token !== null;
    state.revoked = phone.token === null;
  }
  await tracker.load();
  await outbox.load();
  state.followed = outbox.pending().some((click) => !click.stale);
  if (left !== null) {
    state.alert = left.alert;
    state.followed ||= left.followed;
  }
}

async function start() {
  await recall();
  part("plain", HTMLElement).hidden = true;
  root.hidden = false;
  if (state.paired) {
    await begin();
  } else {
    draw();
  }
}

navigator.getBattery?.().then((found) => {
  battery = found;
});
listen(part("surface", HTMLElement), made);
for (const gesture of /** @type {Gesture[]} */ (["single", "double", "long"])) {
  part(`gesture-${gesture}`, HTMLButtonElement).addEventListener("click", () => made(gesture));
}
part("follow", HTMLButtonElement).addEventListener("click", () => {
  if (state.alert !== null) {
    remember(state.alert, { followed: true });
  }
});
part("stale-send", HTMLButtonElement).addEventListener("click", () => {
  const old = outbox.pending().find((click) => click.stale);
  if (old) {
    state.followed = true;
    outbox.sendNow(old);
  }
});
part("stale-leave", HTMLButtonElement).addEventListener("click", () => {
  const old = outbox.pending().find((click) => click.stale);
  if (old) {
    outbox.giveUp(old);
  }
});
listenForCode(api, words, paired);
listenForUnpairing(unpair, words);
listenForClosing(api, words, () => state.alert, { closed: over, other: look });
listenForPermission(() => tracker.glance(), draw);
globalThis.addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    hurry();
  }
});
navigator.serviceWorker?.register(root.dataset["worker"] ?? "", { updateViaCache: "none" });
await start();
