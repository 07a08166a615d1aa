import assert from "node:assert/strict";
import { test } from "node:test";

import { view, unknown } from "../../static/js/pure/phoneview.js";
import { asShown, outcome, removable } from "../../static/js/pure/removing.js";

const WORDS = { told: "{told}/{all} {opened}", nobody: "personne", in_charge: "{name} s'en occupe", contact_removed: "ne voit plus rien" };
/** @type {ToldContact} */
const NADIA = { id: 1, name: "Nadia", opened: false, in_charge: false, declined: false, stopped: false, deliveries: [] };
/** @type {ToldContact} */
const PAUL = { ...NADIA, id: 2, name: "Paul", opened: true, in_charge: true, deliveries: [{ channel: "sms", state: "delivered" }] };
/** @type {PhoneAlert} */
const ALERT = {
  id: "a", kind: "rescue", state: "open", drill: false, opened_at: "2026-06-01T10:00:00", contacts: [NADIA, PAUL], in_charge: "Paul",
  nobody_reached: false,
};
/** @param {PhoneAlert} alert */
const seen = (alert) => view({ ...unknown(), paired: true, alert: asShown(alert, [2]), followed: true }, WORDS, "fr");

test("who was taken out and who only seemed to be look the same: nothing of theirs is shown any more", () => {
  const really = { ...ALERT, in_charge: null, contacts: [NADIA, { ...PAUL, in_charge: false, deliveries: [] }] };
  assert.deepEqual(seen(ALERT), seen(really));
  assert.match(seen(ALERT).line, /0\/1 0 · personne$/);
  assert.deepEqual(seen(ALERT).contacts[1], { name: "Paul", what: "ne voit plus rien", how: [] });
});

test("nobody else changes, and an alert of whom nobody was taken out is as it is", () => {
  assert.equal(asShown(ALERT, []), ALERT);
  assert.equal(asShown(null, [2]), null);
  assert.equal(asShown(ALERT, [1])?.in_charge, "Paul");
  assert.equal(asShown(ALERT, [2])?.contacts[0], NADIA);
});

test("only who is still in the alert can be taken out of it", () => {
  assert.deepEqual(removable(ALERT, [2]), [NADIA]);
  assert.deepEqual(removable(null, []), []);
  assert.equal(seen(ALERT).remove, true);
  assert.equal(view({ ...unknown(), alert: asShown(ALERT, [1, 2]) }, WORDS, "fr").remove, false);
});

test("it is done only when the service says so in its own words", () => {
  /** @param {number} status @param {{code?: string, body?: Record<string, unknown>}} how */
  const meaning = (status, { code = "", body = {} }) => outcome({ status, code, body, wait: 0 });
  assert.equal(meaning(200, { body: { state: "cut_off" } }), "done");
  assert.equal(meaning(200, { body: { welcome: "hotel" } }), "remove_not_done");
  assert.equal(meaning(403, { code: "wrong_pin" }), "pin_wrong");
  assert.equal(meaning(429, { code: "too_many_tries" }), "pin_too_often");
  assert.equal(meaning(409, { code: "other_alert" }), "pin_other");
  for (const status of [0, 403, 409, 429, 500, 503]) {
    assert.equal(meaning(status, {}), "remove_not_done", String(status));
  }
});
