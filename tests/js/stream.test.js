import assert from "node:assert/strict";
import { test } from "node:test";

import { behind, pass, pause } from "../../static/js/pure/stream.js";

/** @type {(sequence: number, more?: object) => LiveEvent} */
const told = (sequence, more = {}) => ({ type: "position", sequence, ...more });
/** @type {(events: LiveEvent[]) => number[]} */
const numbers = (events) => events.map((event) => event.sequence);

/**
 * Everything that comes through, and whether something is missing at the end.
 * @param {number} start
 * @param {...LiveEvent} events
 */
function passed(start, ...events) {
  let { gate } = behind(start);
  let missing = false;
  /** @type {LiveEvent[]} */
  const through = [];
  for (const event of events) {
    const passage = pass(gate, event);
    ({ gate, missing } = passage);
    through.push(...passage.events);
  }
  return { gate, missing, through };
}

test("a page comes back at once, then after 1, 2, 4 and 8 seconds", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map((failures) => pause(failures, () => 0.5)), [0, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("a thousand pages do not come back in the same moment", () => {
  const moments = new Set(Array.from({ length: 1000 }, () => pause(3, Math.random)));
  assert.ok(moments.size > 500);
  assert.ok([...moments].every((moment) => moment >= 3000 && moment <= 5000));
});

test("messages in order come through one by one", () => {
  const { through, missing } = passed(4, told(5), told(6), told(7));
  assert.deepEqual([numbers(through), missing], [[5, 6, 7], false]);
});

test("what the snapshot knew already is dropped, and no message comes twice", () => {
  const { through, missing } = passed(4, told(3), told(4), told(5), told(5));
  assert.deepEqual([numbers(through), missing], [[5], false]);
});

test("a message that was overtaken still comes in its place", () => {
  const early = passed(4, told(6), told(7));
  assert.deepEqual([numbers(early.through), early.missing], [[], true]);
  const { through, missing } = passed(4, told(6), told(7), told(5));
  assert.deepEqual([numbers(through), missing], [[5, 6, 7], false]);
});

test("a snapshot closes the gap and lets through what is newer", () => {
  const { gate } = passed(4, told(6), told(8), told(9));
  const renewed = behind(7, gate.held);
  assert.deepEqual([numbers(renewed.events), renewed.missing, renewed.gate.last], [[8, 9], false, 9]);
  assert.equal(behind(6, gate.held).missing, true);
});

test("who is here comes through without a number of its own", () => {
  const { through, gate } = passed(4, { type: "presence", sequence: 4, here: [1] }, { type: "presence", sequence: 3, here: [] });
  assert.deepEqual([through.length, gate.last], [2, 4]);
});

test("an opened link is a numbered line: told once, and its loss is noticed", () => {
  const event = { sequence: 5, at: "2026-06-01T10:00:00Z", kind: "link_opened", about: /** @type {const} */ ("people"), message: null, texts: {} };
  const line = { type: "presence", sequence: 5, event };
  assert.equal(passed(4, line, line).through.length, 1);
  assert.equal(passed(4, told(6)).missing, true);
});

test("a gap told by the server makes the page read, unless it knows already", () => {
  assert.equal(passed(4, { type: "gap", sequence: 9 }).missing, true);
  assert.equal(passed(9, { type: "gap", sequence: 9 }).missing, false);
});

test("the end never waits", () => {
  const { through, missing } = passed(4, told(6), { type: "ended", sequence: 9, state: "closed" });
  assert.deepEqual([through.map((event) => event.type), missing], [["ended"], false]);
});

test("an endless gap holds a bounded number of messages", () => {
  const { gate } = passed(0, ...Array.from({ length: 500 }, (_, index) => told(index + 2)));
  assert.ok(gate.held.length <= 100);
});
