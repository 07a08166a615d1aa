import assert from "node:assert/strict";
import { test } from "node:test";

import { adds, BATCH, batch, fixOf, outcome } from "../../static/js/pure/track.js";

const COMPIEGNE = { latitude: 49.4179, longitude: 2.8261, accuracy: 12, speed: null, heading: null, altitude: null };
/**
 * @param {Partial<typeof COMPIEGNE> | Record<string, number>} coords
 * @param {number} [timestamp] milliseconds
 */
const found = (coords, timestamp = Date.parse("2026-06-01T10:00:00Z")) => ({ coords: { ...COMPIEGNE, ...coords }, timestamp });

/** @param {number} seconds after ten o'clock */
function fix(seconds) {
  const read = fixOf(found({}, Date.parse("2026-06-01T10:00:00Z") + seconds * 1000), `fix-${seconds}`, 63);
  assert.ok(read);
  return read;
}


/**
 * @param {number} status
 * @param {{code?: string, body?: Record<string, unknown>}} [how]
 * @returns {Answer}
 */
const answer = (status, { code = "", body = {} } = {}) => ({ status, code, body, wait: 0 });

test("a fix is written as the API takes it", () => {
  assert.deepEqual(fixOf(found({ speed: 1.4, heading: 90 }), "u", 63), {
    id: "u", latitude: 49.4179, longitude: 2.8261, accuracy: 12, speed: 1.4, heading: 90, altitude: null, battery: 63,
    recorded_at: "2026-06-01T10:00:00.000Z",
  });
});

test("what a telephone invents is left out, not sent", () => {
  const odd = fixOf(found({ speed: NaN, heading: NaN, accuracy: -1, altitude: Infinity }), "u", null);
  assert.ok(odd);
  assert.deepEqual([odd.speed, odd.heading, odd.accuracy, odd.altitude], [null, null, null, null]);
  assert.equal(fixOf(found({ latitude: 91 }), "u", null), null);
  assert.equal(fixOf(found({ longitude: NaN }), "u", null), null);
  assert.equal(fixOf(found({}, NaN), "u", null), null);
});

test("the same fix twice adds nothing, the next second does", () => {
  assert.equal(adds(null, fix(0), 900), true);
  assert.equal(adds(fix(0), fix(0), 900), false);
  assert.equal(adds(fix(0), fix(1), 900), true);
  assert.equal(adds(fix(5), fix(1), 900), false);
});

test("fixes leave oldest first, at most 500 at a time, and none is lost between batches", () => {
  const waiting = Array.from({ length: 1203 }, (_, i) => fix((i * 7919) % 1203));
  const left = new Map(waiting.map((one) => [one.id, one]));
  /** @type {Fix[]} */
  const sent = [];
  while (left.size > 0) {
    const next = batch([...left.values()], BATCH);
    assert.ok(next.length <= 500);
    next.forEach(({ id }) => left.delete(id));
    sent.push(...next);
  }
  assert.deepEqual(sent.map(({ id }) => id), Array.from({ length: 1203 }, (_, i) => `fix-${i}`));
});

test("fixes are forgotten only when the service says that it has them", () => {
  assert.equal(outcome(answer(202, { body: { stored: 3, known: 0, refused: 0 } }), 3), "done");
  assert.equal(outcome(answer(202), 3), "later");
  assert.equal(outcome(answer(200, { body: { stored: 3 } }), 3), "later");
  assert.equal(outcome(answer(0), 3), "later");
  assert.equal(outcome(answer(503, { code: "busy" }), 3), "later");
  assert.equal(outcome(answer(429, { code: "slow_down" }), 3), "later");
});

test("one bad fix does not hold the others", () => {
  assert.equal(outcome(answer(422, { code: "invalid" }), 8), "smaller");
  assert.equal(outcome(answer(413, { code: "too_large" }), 500), "smaller");
  assert.equal(outcome(answer(422, { code: "invalid" }), 1), "drop");
});

test("fixes that belong to no alert are dropped, and so are none of a revoked telephone's by mistake", () => {
  assert.equal(outcome(answer(409, { code: "no_open_alert" }), 4), "drop");
  assert.equal(outcome(answer(401, { code: "unauthorized" }), 4), "unpaired");
  assert.equal(outcome(answer(401), 4), "later");
});
