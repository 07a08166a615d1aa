import assert from "node:assert/strict";
import { test } from "node:test";

import { after, calling } from "../../static/js/pure/alert.js";

/** @returns {LiveSnapshot} */
function rescue() {
  const person = (/** @type {number} */ contact, /** @type {string} */ name) => (
    { contact, name, you: contact === 1, opened: false, in_charge: false, in_charge_by: null, role: null, position: null }
  );
  return {
    server_now: "2026-06-01T19:05:00+00:00",
    sequence: 4,
    alert: { kind: "rescue", state: "open", ended: false, drill: false, opened_at: "2026-06-01T19:04:00+00:00" },
    victim: { name: "Marie", phone_allowed: false },
    position: fix(10),
    track: [[49, 2, fix(10).recorded_at]],
    responders: [person(1, "Nadia"), person(2, "Thomas")],
    in_charge: null,
    calls: [],
    room: null,
    timeline: [{ sequence: 1, at: "2026-06-01T19:04:00+00:00", kind: "opened", about: "people", message: null, text: "Marie a donné l'alerte" }],
  };
}

/**
 * @param {number} second
 * @returns {LivePosition}
 */
function fix(second) {
  const at = `2026-06-01T19:04:${String(second).padStart(2, "0")}+00:00`;
  return { latitude: 49 + second / 1000, longitude: 2, accuracy: 12, speed: 1, battery: 63, recorded_at: at, fixed_at: at };
}

/**
 * @param {number} sequence
 * @param {string} kind
 */
function line(sequence, kind) {
  return { sequence, at: "2026-06-01T19:05:00+00:00", kind, about: /** @type {const} */ ("people"), message: null, texts: { fr: `fr ${kind}`, en: `en ${kind}` } };
}

test("the newest fix by her phone's clock wins, a late one completes the track in its place", () => {
  const moved = after(rescue(), { type: "position", sequence: 5, positions: [fix(30), fix(5)] }, "fr");

  assert.equal(moved.position?.recorded_at, fix(30).recorded_at);
  assert.deepEqual(moved.track.map((stop) => stop[2]), [5, 10, 30].map((second) => fix(second).recorded_at));
});

test("the same fix twice is one stop", () => {
  const once = after(rescue(), { type: "position", sequence: 5, positions: [fix(30)] }, "fr");
  assert.equal(after(once, { type: "position", sequence: 5, positions: [fix(30)] }, "fr").track.length, 2);
});

test("who takes charge by SMS is marked so until somebody takes it by another way", () => {
  const facts = { type: "action", contact: 2, in_charge: "Thomas" };
  const taken = after(rescue(), { ...facts, sequence: 5, by: "sms" }, "fr");
  const ways = (/** @type {LiveSnapshot} */ state) => state.responders.map((person) => person.in_charge_by);
  assert.deepEqual(ways(taken), [null, "sms"]);
  assert.deepEqual(ways(after(taken, { ...facts, sequence: 6, by: "page" }, "fr")), [null, "page"]);
  assert.deepEqual(ways(after(taken, { ...facts, sequence: 6, in_charge: null, by: "sms" }, "fr")), [null, null]);
});

test("whoever has a call of which nobody knows the end is asked, also while another one is told first", () => {
  const call = (/** @type {number} */ contact, /** @type {LiveCall["outcome"]} */ outcome) => (
    { contact, by: `${contact}`, since: "2026-06-01T19:05:00+00:00", outcome, note: "" }
  );
  const calls = [call(2, "reached"), call(1, null)];
  const told = after(rescue(), { type: "action", sequence: 5, contact: 1, calls }, "fr");
  assert.deepEqual(calling(told), { call: calls[0], by_another: true, asked: true });
  assert.deepEqual(calling({ ...told, calls: [call(1, "reached")] }), { call: call(1, "reached"), by_another: false, asked: false });
  assert.deepEqual(calling(rescue()), { call: null, by_another: false, asked: false });
});

test("taking charge and releasing are seen in one place and in the list", () => {
  const taken = after(rescue(), { type: "action", sequence: 5, event: line(5, "take_charge"), contact: 2, in_charge: "Thomas" }, "fr");
  assert.equal(taken.in_charge, "Thomas");
  assert.deepEqual(taken.responders.map((person) => person.in_charge), [false, true]);

  const released = after(taken, { type: "action", sequence: 6, event: line(6, "release"), contact: 2, in_charge: null }, "fr");
  assert.equal(released.in_charge, null);
  assert.deepEqual(released.responders.map((person) => person.in_charge), [false, false]);
});

test("a line is told once, in the reader's language, the newest first", () => {
  const message = { type: "action", sequence: 6, event: line(6, "go"), contact: 2, role: "go" };
  const told = after(after(rescue(), message, "en"), message, "en");

  assert.deepEqual(told.timeline.map((entry) => entry.text), ["en go", "Marie a donné l'alerte"]);
  assert.equal(told.responders[1]?.role, "go");
});

test("a close under duress goes on: she stays on the map", () => {
  const duress = after(rescue(), { type: "action", sequence: 5, event: line(5, "closed_under_duress"), state: "closed_under_duress" }, "fr");

  assert.equal(duress.alert.state, "closed_under_duress");
  assert.equal(duress.alert.ended, false);
  assert.ok(duress.position);
});

test("after the end nobody's position is left in the page", () => {
  const shared = after(rescue(), { type: "presence", sequence: 4, contact: 2, opened: true, position: { latitude: 49, longitude: 2, accuracy: 5, at: "" } }, "fr");
  assert.ok(shared.responders[1]?.position);

  const over = after(shared, { type: "ended", sequence: 7, event: line(7, "closed"), state: "closed" }, "fr");
  assert.deepEqual([over.position, over.track, over.responders[1]?.position], [null, [], null]);
  assert.equal(over.alert.ended, true);
});

test("a message of tomorrow's service changes nothing", () => {
  const before = rescue();
  assert.deepEqual(after(before, { type: "room", sequence: 4 }, "fr"), before);
});

test("a street is that of the newest position until another position comes", () => {
  const street = { fr: "près du 12 Rue des Lombards", en: "near 12 Rue des Lombards" };
  const named = after(rescue(), { type: "presence", sequence: 4, street }, "fr");
  assert.deepEqual(named.position?.street, street);
  assert.equal(named.responders[0]?.opened, false);
  assert.equal(after(named, { type: "position", sequence: 5, positions: [fix(20)] }, "fr").position?.street, undefined);
  assert.equal(after({ ...rescue(), position: null }, { type: "presence", sequence: 4, street }, "fr").position, null);
});
