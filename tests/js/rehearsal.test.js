import assert from "node:assert/strict";
import { test } from "node:test";

import { begun, IDLE_MS, isOver, tried } from "../../static/js/pure/rehearsal.js";

test("what was tried is counted, and the last one named", () => {
  const state = [/** @type {const} */ ("single"), /** @type {const} */ ("long"), /** @type {const} */ ("single")]
    .reduce((before, gesture, index) => tried(before, gesture, 1000 * index), begun(0));
  assert.deepEqual([state.made, state.last], [{ single: 2, double: 0, long: 1 }, "single"]);
});

test("after a minute without a gesture the next one is meant", () => {
  assert.equal(isOver(begun(0), IDLE_MS - 1), false);
  assert.equal(isOver(begun(0), IDLE_MS), true);
  assert.equal(isOver(tried(begun(0), "single", 50_000), IDLE_MS + 1), false);
});
