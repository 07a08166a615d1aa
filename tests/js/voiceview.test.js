import assert from "node:assert/strict";
import { test } from "node:test";

import { view } from "../../static/js/pure/phoneview.js";
import { off, voiceView } from "../../static/js/pure/voiceview.js";

const WORDS = new Proxy({}, { get: (_none, key) => `${String(key).replace("voice_", "")}${key === "voice_in_many" ? " {count}" : ""}.` });
/** @param {Partial<VoiceState>} change */
const seen = (change) => voiceView({ ...off(""), ...change }, WORDS);

test("her microphone is offered for rescue and alarm, and never without an alert", () => {
  const state = /** @type {any} */ ({ paired: true, pending: [], position: "granted", rehearsal: null, button: null });
  const offered = (/** @type {unknown} */ alert) => view({ ...state, alert }, {}, "fr").voice;
  const alert = { contacts: [], opened_at: "2026-06-01T10:00:00", in_charge: null };
  assert.deepEqual(["prevention", "rescue", "alarm"].map((kind) => offered({ ...alert, kind })), [false, true, true]);
  assert.equal(offered(null), false);
});

test("nothing is open: one key, what it would do, or why it ended", () => {
  assert.deepEqual(seen({}), { on: false, line: "off.", main: "open.", camera: "show.", facing: false, hear: "hear." });
  assert.equal(seen({ why: "microphone_refused" }).line, "microphone_refused.");
  assert.equal(seen({ why: "replaced" }).main, "open.");
});

test("open is said from the first moment, with who listens only once her sound arrives", () => {
  assert.equal(seen({ standing: "loading" }).line, "loading.");
  assert.equal(seen({ standing: "loading", device: "microphone_asked" }).line, "microphone_asked.");
  assert.equal(seen({ standing: "joining" }).line, "joining.");
  assert.equal(seen({ standing: "in", listeners: 2 }).line, "joining.");
  const lines = [0, 1, 2, 7].map((listeners) => seen({ standing: "in", heard: true, listeners }).line);
  assert.deepEqual(lines, ["in_none.", "in_one.", "in_many 2.", "in_many 7."]);
  assert.equal(seen({ standing: "again", heard: true, listeners: 2 }).line, "again.");
  assert.ok(["loading", "joining", "in", "again", "away", "blocked"].every((standing) => seen({ standing: /** @type {any} */ (standing) }).main === "close."));
});

test("what is wrong with a device, what is seen and what sounds stand beside it", () => {
  const both = seen({ standing: "in", heard: true, listeners: 1, picture: "environment", hasTwoCameras: true, hears: true });
  assert.equal(both.line, "in_one. picture_environment. hears.");
  assert.deepEqual([both.camera, both.facing, both.hear], ["hide.", true, "deaf."]);
  assert.equal(seen({ standing: "in", heard: true, listeners: 1, device: "camera_refused" }).line, "in_one. camera_refused.");
  assert.equal(seen({ standing: "in", picture: "user" }).facing, false);
});
