import assert from "node:assert/strict";
import { test } from "node:test";

import { arrow, edge, stretches, uncrowded, unpack, within } from "../../static/js/pure/ground.js";

const FRAME = { width: 390, height: 260 };
const SQUARE = unpack([494000, 28000, 0, 500, 300, 0, 0, -500], 10000);

test("an outline travels as one place and steps", () => {
  assert.deepEqual(SQUARE, [[49.4, 2.8], [49.4, 2.85], [49.43, 2.85], [49.43, 2.8]]);
  assert.deepEqual(unpack([], 10000), []);
  assert.deepEqual(unpack([494000], 10000), [], "half a place is none");
});

test("a place lies inside its commune, not beside it, and not in a hole of it", () => {
  const hole = unpack([494100, 28100, 0, 100, 100, 0, 0, -100], 10000);
  assert.equal(within([SQUARE], { latitude: 49.4179, longitude: 2.8261 }), true);
  assert.equal(within([SQUARE], { latitude: 49.4179, longitude: 2.8561 }), false);
  assert.equal(within([SQUARE], { latitude: 49.4479, longitude: 2.8261 }), false);
  assert.equal(within([SQUARE, hole], { latitude: 49.415, longitude: 2.815 }), false);
  assert.equal(within([], { latitude: 49.415, longitude: 2.815 }), false);
});

test("names lie neither on each other nor beyond the edge, the first come first", () => {
  const name = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ text) => (
    { x, y, width: 80, height: 16, text }
  );
  const names = [name(200, 130, "Compiègne"), name(230, 135, "Margny"), name(200, 150, "Venette"), name(20, 40, "Jaux")];
  assert.deepEqual(uncrowded(names, FRAME).map(({ text }) => text), ["Compiègne", "Venette"]);
  const marie = { x: 200, y: 130, width: 20, height: 20 };
  assert.deepEqual(uncrowded(names, FRAME, [marie]).map(({ text }) => text), ["Venette"]);
});

test("a sign stands at the edge on the way to what it names", () => {
  const margin = { x: 30, y: 20 };
  assert.deepEqual(edge({ x: 195, y: -9000 }, FRAME, margin), { x: 195, y: 20, outside: true });
  assert.deepEqual(edge({ x: 9000, y: 130 }, FRAME, margin), { x: 360, y: 130, outside: true });
  assert.deepEqual(edge({ x: 200, y: 100 }, FRAME, margin), { x: 200, y: 100, outside: false });
  const corner = edge({ x: 9000, y: 6000 }, FRAME, margin);
  assert.ok(corner.x <= 360 && corner.y <= 240 && corner.outside);
});

test("arrows have north above", () => {
  const here = { latitude: 49.4, longitude: 2.8 };
  const there = [[49.5, 2.8], [49.4, 2.9], [49.3, 2.8], [49.4, 2.7], [49.5, 2.6499]];
  assert.equal(there.map(([latitude = 0, longitude = 0]) => arrow(here, { latitude, longitude })).join(""), "↑→↓←↖");
});

test("a track is cut by age into four stretches that leave no gap", () => {
  const now = Date.parse("2026-11-23T21:00:00Z");
  const at = (/** @type {number} */ seconds) => /** @type {TrackStop} */ ([
    49, seconds, new Date(now - seconds * 1000).toISOString(),
  ]);
  const cut = (/** @type {number[]} */ ages) => stretches(ages.map(at), now).map((part) => part.map((stop) => stop[1]));
  assert.deepEqual(cut([4000, 1900, 1700, 700, 500, 130, 60, 5]), [
    [60, 5], [500, 130, 60], [1700, 700, 500], [4000, 1900, 1700],
  ]);
  assert.deepEqual(cut([60, -5]), [[60, -5], [], [], []], "a clock ahead of ours");
  assert.deepEqual(cut([4000, 5]), [[5], [], [], [4000, 5]], "nothing was heard for an hour");
  assert.deepEqual(cut([]), [[], [], [], []]);
});
