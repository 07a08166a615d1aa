import assert from "node:assert/strict";
import { test } from "node:test";

import { isAnswered, patience, restored, together, without } from "../../static/js/pure/queue.js";

const NOW = Date.parse("2026-06-01T19:10:00Z");

/**
 * @param {number} minute
 * @param {string} [action]
 */
const deed = (minute, action = "go") => ({ id: `deed ${minute}`, at: `2026-06-01T19:0${minute}:00Z`, action });

test("what was not sent comes back after a reload with its id, its time and its words", () => {
  const kept = [deed(4), { ...deed(5, "reached_17"), note: "elle est en route" }];

  assert.deepEqual(restored(JSON.stringify(kept), NOW), kept);
});

test("nothing comes back that is unreadable, no action, or of another day", () => {
  const old = { ...deed(4), at: "2026-05-31T19:04:00Z" };
  for (const text of [null, "", "{", "null", "7", "[null, 3, {}]", JSON.stringify([old, { id: 1, at: "x", action: "go" }])]) {
    assert.deepEqual(restored(text, NOW), []);
  }
});

test("actions keep the order in which they were done, each of them once, also from two tabs", () => {
  const both = together([deed(3), deed(5)], [deed(5), deed(1)]);

  assert.deepEqual(both.map(({ id }) => id), ["deed 1", "deed 3", "deed 5"]);
  assert.deepEqual(without(both, "deed 3").map(({ id }) => id), ["deed 1", "deed 5"]);
});

test("only an answer of the service ends an action", () => {
  assert.deepEqual([200, 303, 400, 404, 409, 422].map(isAnswered), Array(6).fill(true));
  assert.deepEqual([null, 408, 429, 500, 502, 503].map(isAnswered), Array(6).fill(false));
});

test("it is tried again after 2, 4 and 8 seconds, then every 15", () => {
  assert.deepEqual([1, 2, 3, 4, 40].map(patience), [2000, 4000, 8000, 15_000, 15_000]);
});
