import assert from "node:assert/strict";
import { test } from "node:test";

import { reached, standing, tally, view, ways } from "../../static/js/pure/phoneview.js";

const WORDS = {
  ready: "Prêt", sounding: "Code arrête", sending: "{gesture} : envoi", double: "Deux appuis", not_sent: "Pas encore envoyé", open: "Envoyé", unsent: "Pas envoyé",
  not_sent_line: "Gardé", since: "{kind} {time}", told: "partis {told}/{all} · ouverts {opened}", rescue: "Secours",
  nobody: "personne en charge", in_charge: "{name} s'en occupe", ended: "Terminé", ended_line: "Terminé à {time}",
  drill: "EXERCICE", cut: "Pas de réseau : {count}", position_prompt: "pas autorisée", contact_delivered: "message reçu",
  contact_opened: "lien ouvert", contact_failed: "pas joint", contact_in_charge: "s'en occupe",
  contact_declined: "a répondu non", nobody_reached: "Personne n'est encore joint", way: "{channel} : {state}",
  channel_sms: "SMS", channel_voice: "Appel", sent_delivered: "reçu", sent_failed: "pas passé", sent_called: "a sonné",
  stopped: "STOP : plus de SMS", running: "Alerte en cours", spare: "Pas renvoyé",
  stale: "{gesture}, à {time} ?", rehearsal: "Essai", recognised: "Reconnu : {gesture}", rehearsal_line: "{single} {double} {long}",
  button_unheard: "Bouton pas entendu", button_low: "Pile presque vide",
};
/** @type {ToldContact} */
const QUIET = { id: 1, name: "Nadia", opened: false, in_charge: false, declined: false, stopped: false, deliveries: [] };
/** @type {ToldContact[]} */
const CONTACTS = [
  { ...QUIET, name: "Nadia", opened: true, deliveries: [{ channel: "sms", state: "delivered" }] },
  { ...QUIET, name: "Thomas", deliveries: [{ channel: "sms", state: "delivered" }, { channel: "voice", state: "failed" }] },
  { ...QUIET, name: "Awa", deliveries: [{ channel: "sms", state: "failed" }] },
];
/** @type {PhoneAlert} */
const ALERT = {
  id: "a", kind: "rescue", state: "open", drill: false, opened_at: "2026-06-01T10:00:00", contacts: CONTACTS, in_charge: null,
  nobody_reached: false,
};
/** @type {PhoneState} */
const READY = {
  paired: true, revoked: false, pending: [], late: false, cut: false, alert: null, removed: [], followed: false, ended: null, spare: false, fixes: 0,
  position: "granted", forgetful: false, sounding: false, rehearsal: null, text: "", button: null,
};
/** @type {ButtonState} */
const BUTTON = { standing: "in", name: "iTAG", battery: 83, since: null, why: "" };
/** @type {PendingClick} */
const CLICK = { id: "c", gesture: "double", clicked_at: "2026-06-01T10:00:00", stale: false };
/** @param {Partial<PhoneState>} change */
const seen = (change) => view({ ...READY, ...change }, WORDS, "fr");

test("a telephone that is not paired shows the code's form alone", () => {
  assert.equal(seen({ paired: false }).screen, "unpaired");
});

test("a revoked telephone says so and offers 17", () => {
  const shown = seen({ paired: false, revoked: true });
  assert.deepEqual([shown.revoked, shown.ways], [true, true]);
});

test("a ready telephone says almost nothing", () => {
  const shown = seen({});
  assert.deepEqual([shown.word, shown.line, shown.ways, shown.alert], ["Prêt", "", false, false]);
});

test("a click on its way says which, and never that it was sent", () => {
  assert.equal(seen({ pending: [CLICK] }).word, "Deux appuis : envoi");
  assert.equal(seen({ pending: [CLICK], alert: ALERT }).word, "Deux appuis : envoi");
});

test("a click that does not get through says so, with other ways out, also during an alert", () => {
  const shown = seen({ pending: [CLICK], late: true });
  assert.deepEqual([shown.word, shown.line, shown.ways], ["Pas encore envoyé", "Gardé", true]);
  assert.match(seen({ pending: [CLICK], late: true, alert: ALERT }).line, /^Gardé · Secours 10:00/);
});

test("a click too many is never called sent: not sent again, and the alert runs", () => {
  const shown = seen({ alert: ALERT, spare: true });
  assert.deepEqual([shown.word, shown.ways], ["Alerte en cours", false]);
  assert.match(shown.line, /^Pas renvoyé · Secours 10:00/);
  assert.equal(seen({ alert: ALERT, spare: true, pending: [CLICK] }).word, "Deux appuis : envoi");
  assert.equal(seen({ alert: ALERT, spare: true, pending: [CLICK], late: true }).word, "Pas encore envoyé");
  assert.equal(seen({ alert: null, spare: true }).word, "Prêt");
});

test("an open alert is one line: kind, since, how far the messages got, who is in charge", () => {
  assert.equal(seen({ alert: ALERT }).line, "Secours 10:00 · partis 2/3 · ouverts 1 · personne en charge");
  assert.match(seen({ alert: { ...ALERT, in_charge: "Nadia" } }).line, /Nadia s'en occupe$/);
  assert.match(seen({ alert: { ...ALERT, drill: true } }).line, /^EXERCICE · /);
});

test("each contact is shown by the furthest that anything got to them", () => {
  assert.deepEqual(CONTACTS.map(reached), ["opened", "delivered", "failed"]);
  assert.deepEqual(tally(CONTACTS), { all: 3, told: 2, opened: 1 });
  assert.deepEqual(seen({ alert: ALERT }).contacts.map(({ what }) => what), ["lien ouvert", "message reçu", "pas joint"]);
});

test("who takes charge, who cannot and who was never told are told apart", () => {
  const [nadia] = CONTACTS;
  assert.equal(standing({ ...nadia ?? QUIET, in_charge: true }), "in_charge");
  assert.equal(standing({ ...nadia ?? QUIET, declined: true }), "declined");
  assert.equal(standing({ ...nadia ?? QUIET, declined: true, in_charge: true }), "in_charge");
  assert.equal(standing(QUIET), "none");
});

test("a call that was taken rang, and no more: a machine may have taken it", () => {
  /** @type {ToldContact} */
  const called = { ...QUIET, deliveries: [{ channel: "sms", state: "accepted" }, { channel: "voice", state: "delivered" }] };
  assert.equal(reached(called), "called");
  assert.deepEqual(ways({ ...called, deliveries: called.deliveries.slice(1) }, WORDS), ["Appel : a sonné"]);
  assert.equal(tally([called]).told, 1);
});

test("who answered a call has not opened a link", () => {
  const answered = { ...QUIET, deliveries: [{ channel: /** @type {const} */ ("voice"), state: "answered" }] };
  assert.deepEqual(tally([answered]), { all: 1, told: 1, opened: 0 });
});

test("each way is said by itself, STOP too", () => {
  assert.deepEqual(seen({ alert: ALERT }).contacts.map(({ how }) => how),
    [["SMS : reçu"], ["SMS : reçu", "Appel : pas passé"], ["SMS : pas passé"]]);
  assert.deepEqual(ways({ ...QUIET, stopped: true }, WORDS), ["STOP : plus de SMS"]);
});

test("nobody reached is said first, with the other ways out, but no 17 in a drill", () => {
  const shown = seen({ alert: { ...ALERT, nobody_reached: true } });
  assert.match(shown.line, /^Personne n'est encore joint · Secours 10:00/);
  assert.equal(shown.ways, true);
  const drill = seen({ alert: { ...ALERT, nobody_reached: true, drill: true } });
  assert.match(drill.line, /^EXERCICE · Personne n'est encore joint/);
  assert.equal(drill.ways, false);
});

test("a click too old asks her, and is not counted as on its way", () => {
  const shown = seen({ pending: [{ ...CLICK, stale: true }] });
  assert.deepEqual([shown.ask, shown.word, shown.ways], ["Deux appuis, à 10:00 ?", "Pas envoyé", true]);
});

test("an alert opened elsewhere follows this telephone only when she says so", () => {
  assert.equal(seen({ alert: ALERT, followed: false }).follow, true);
  assert.equal(seen({ alert: ALERT, followed: true }).follow, false);
});

test("an alert without network says how many positions wait", () => {
  assert.deepEqual(seen({ alert: ALERT, cut: true, fixes: 31 }).notices, ["Pas de réseau : 31"]);
});

test("a position that is not allowed is said before it is needed", () => {
  const shown = seen({ position: "prompt" });
  assert.deepEqual([shown.notices, shown.allow], [["pas autorisée"], true]);
});

test("an ended alert says when", () => {
  assert.deepEqual([seen({ ended: "2026-06-01T10:30:00" }).word, seen({ ended: "2026-06-01T10:30:00" }).line],
    ["Terminé", "Terminé à 10:30"]);
});

test("a rehearsal says that nothing leaves, then what it recognised, how often", () => {
  const made = { single: 0, double: 2, long: 0 };
  assert.equal(seen({ rehearsal: { until: 9, last: null, made } }).word, "Essai");
  const shown = seen({ rehearsal: { until: 9, last: "double", made } });
  assert.deepEqual([shown.word, shown.line, shown.rehearsal], ["Reconnu : Deux appuis", "0 2 0", true]);
});

test("gestures are rehearsed only while nothing runs and nothing waits", () => {
  assert.equal(seen({}).mayRehearse, true);
  for (const busy of [{ alert: ALERT }, { pending: [CLICK] }, { sounding: true }]) {
    assert.equal(seen(busy).mayRehearse, false);
  }
});

test("while the siren sounds, what stops it is said first", () => {
  assert.match(seen({ sounding: true, alert: ALERT }).line, /^Code arrête · Secours 10:00/);
  assert.equal(seen({ sounding: true }).line, "Code arrête");
});

test("a siren keeps the way to her code open, also before the alert is known", () => {
  assert.deepEqual([seen({}).end, seen({ sounding: true }).end, seen({ alert: ALERT }).end], [false, true, true]);
});

test("the click that waits is offered as a text only once it is late", () => {
  const text = "sms:+33644600000?body=2";
  assert.equal(seen({ text, pending: [CLICK] }).text, "");
  assert.equal(seen({ text, pending: [CLICK], late: true }).text, text);
  assert.equal(seen({ text, pending: [{ ...CLICK, stale: true }] }).text, text);
});

test("a button that is not heard, or soon will not be, says so", () => {
  assert.deepEqual(seen({ button: BUTTON }).notices, []);
  for (const unheard of /** @type {const} */ (["lost", "again"])) {
    assert.deepEqual(seen({ button: { ...BUTTON, standing: unheard } }).notices, ["Bouton pas entendu"]);
  }
  assert.deepEqual(seen({ button: { ...BUTTON, battery: 20 } }).notices, ["Pile presque vide"]);
});
