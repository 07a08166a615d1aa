import assert from "node:assert/strict";
import { test } from "node:test";

import { textLink, writesLikeApple } from "../../static/js/pure/textclick.js";

const NOW = Date.parse("2026-06-01T10:00:00Z");
/** @type {Fix} */
const FIX = {
  id: "p", latitude: 49.4179, longitude: -2.8261, accuracy: 12, speed: null, heading: null, altitude: null, battery: 63,
  recorded_at: "2026-06-01T09:59:00Z",
};
const TEXT = { number: "+33644600000", gesture: /** @type {Gesture} */ ("double"), fix: FIX, now: NOW, apple: false };

test("a click becomes a text that the service reads, with where she is", () => {
  assert.equal(textLink(TEXT), "sms:+33644600000?body=2%2049.41790%2C-2.82610");
  assert.equal(textLink({ ...TEXT, gesture: "long", fix: null }), "sms:+33644600000?body=3");
});

test("an old position is left out: the service would take it for where she is now", () => {
  assert.equal(textLink({ ...TEXT, now: NOW + 120_000 }), "sms:+33644600000?body=2");
});

test("where no text is heard none is offered", () => {
  assert.equal(textLink({ ...TEXT, number: null }), "");
});

test("an iPhone writes the link in its own way", () => {
  assert.equal(textLink({ ...TEXT, fix: null, apple: true }), "sms:+33644600000&body=2");
  assert.equal(writesLikeApple("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X)"), true);
  assert.equal(writesLikeApple("Mozilla/5.0 (Linux; Android 14; Pixel 6)"), false);
});
