/** The companion page: one surface for her hand, the outbox and the tracker behind it, one line of words. */

import { Api } from "../parts/phone/api.js";
import { listenForButton } from "../parts/phone/buttondesk.js";
import { listenForClosing } from "../parts/phone/closing.js";
import { Companion } from "../parts/phone/companion.js";
import { part, words as wordsOfPage } from "../parts/phone/dom.js";
import { EarDesk } from "../parts/phone/eardesk.js";
import { listenForHearing } from "../parts/phone/hearing.js";
import { listenForCode, listenForUnpairing } from "../parts/phone/pairing.js";
import { listenForPermission } from "../parts/phone/permission.js";
import { Recorder } from "../parts/phone/recorder.js";
import { Rehearsal } from "../parts/phone/rehearsal.js";
import { listenForRemoval } from "../parts/phone/removing.js";
import { restore } from "../parts/phone/restoring.js";
import { Siren } from "../parts/phone/siren.js";
import { SoundKeeper } from "../parts/phone/soundkeeper.js";
import { Store } from "../parts/phone/store.js";
import { listen } from "../parts/phone/surface.js";
import { Voice } from "../parts/phone/voice.js";
import { removable } from "../pure/removing.js";

const root = part("phone", HTMLElement);
const words = wordsOfPage();
const language = document.documentElement.lang;
const api = new Api(root.dataset["api"] ?? "");
const store = await Store.open();
const voice = new Voice(api, words);
/** @type {Companion} */
const companion = new Companion({
  api, store, words, language, voice, siren: new Siren(),
  recorder: new Recorder({
    api, words, language,
    ear: new EarDesk(words),
    keeper: new SoundKeeper(root.dataset["seal"] ?? ""),
    load: () => import("../parts/phone/microphone.js"),
    unpaired: () => companion.unpaired(),
  }),
  rehearsal: new Rehearsal(() => companion.changed(), () => {
    dropTouch();
    button?.drop();
  }),
});
const button = listenForButton(store, words, {
  made: (gesture) => companion.made(gesture),
  changed: (state) => {
    companion.state.button = state;
    companion.changed();
  },
  forgetful: () => companion.forgetful(),
});

/**
 * @param {string} id
 * @param {() => void} act
 */
function onTap(id, act) {
  part(id, HTMLButtonElement).addEventListener("click", act);
}

navigator.getBattery?.().then((found) => {
  companion.power = found;
});
const dropTouch = listen(part("surface", HTMLElement), (gesture) => companion.made(gesture));
for (const gesture of /** @type {Gesture[]} */ (["single", "double", "long"])) {
  onTap(`gesture-${gesture}`, () => companion.made(gesture));
}
onTap("follow", () => companion.follow());
onTap("stale-send", () => companion.answer(true));
onTap("stale-leave", () => companion.answer(false));
listenForCode(api, words, (token) => companion.paired(token));
listenForUnpairing(async () => {
  const agreed = await companion.unpair();
  if (agreed) {
    await button?.forget();
  }
  return agreed;
}, words);
listenForClosing(api, words, () => companion.state.alert, {
  closed: (alert) => companion.over(alert.id),
  other: () => companion.look(),
});
listenForRemoval(api, words, () => {
  const { alert, removed } = companion.state;
  return { alert, contacts: removable(alert, removed) };
}, {
  removed: (alert, contact) => companion.removed(alert.id, contact.id),
  other: () => companion.look(),
});
listenForHearing(() => companion.changed());
const allowed = listenForPermission(() => companion.tracker.glance(), () => companion.changed());
globalThis.addEventListener("online", () => companion.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    companion.hurry();
    button?.hurry();
  }
});
navigator.serviceWorker?.register(root.dataset["worker"] ?? "", { updateViaCache: "none" });

await restore(companion);
part("plain", HTMLElement).hidden = true;
root.hidden = false;
companion.open();
allowed.then((known) => known && companion.standing.begin());
await button?.resume(companion.state.paired);
