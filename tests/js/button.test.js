import assert from "node:assert/strict";
import { test } from "node:test";

import { AGAIN_MS, feel, isLow, meaning, pause, resting } from "../../static/js/pure/button.js";

/**
 * Plays what a radio said: [milliseconds, byte]. The clock ticks when the recogniser asked for it.
 * @param {[number, number][]} said
 * @param {{releases?: boolean}} [how]
 */
function play(said, { releases = false } = {}) {
  let hand = resting(releases);
  /** @type {number | null} */
  let wake = null;
  /** @type {string[]} */
  const made = [];
  /** @param {"press" | "release" | "tick"} kind @param {number} t */
  const feed = (kind, t) => {
    const felt = feel(hand, kind, t);
    hand = felt.hand;
    wake = felt.wake;
    made.push(...felt.gestures.map((gesture) => `${gesture}@${t}`));
  };
  /** @param {number} t */
  const tickUntil = (t) => {
    while (wake !== null && wake <= t) {
      feed("tick", wake);
    }
  };
  for (const [t, byte] of said) {
    tickUntil(t - 0.001);
    const kind = meaning(new DataView(Uint8Array.of(byte).buffer));
    assert.ok(kind);
    feed(kind, t);
  }
  tickUntil(1e9);
  return made;
}

test("an iTAG pressed once, twice and three times", () => {
  assert.deepEqual(play([[0, 1]]), [`single@${AGAIN_MS}`]);
  assert.deepEqual(play([[0, 1], [400, 1]]), ["double@400"]);
  assert.deepEqual(play([[0, 1], [400, 1], [900, 1]]), ["double@400", "long@900"]);
});

test("presses that a saving radio hands over all at once are all counted", () => {
  assert.deepEqual(play([[0, 1], [0.2, 1]]), ["double@0.2"]);
  assert.deepEqual(play([[0, 1], [0.2, 1], [0.4, 1]]), ["double@0.2", "long@0.4"]);
});

test("a panicked hand that goes on pressing changes nothing more", () => {
  assert.deepEqual(play([0, 300, 600, 900, 1200, 1500].map((t) => [t, 1])), ["double@300", "long@600"]);
});

test("presses far apart are presses of their own", () => {
  assert.deepEqual(play([[0, 1], [1000, 1]]), ["single@900", "single@1900"]);
});

test("a button that tells when the finger leaves knows a long press, while it is held", () => {
  assert.deepEqual(play([[0, 1], [3000, 0]], { releases: true }), ["long@900"]);
  assert.deepEqual(play([[0, 1], [120, 0]], { releases: true }), ["single@1020"]);
  assert.deepEqual(play([[0, 1], [120, 0], [400, 1], [520, 0]], { releases: true }), ["double@400"]);
  assert.deepEqual(play([[0, 1], [120, 0], [400, 1], [2000, 0]], { releases: true }), ["double@400", "long@1300"]);
});

test("one held press tells such a button apart: never an alarm from one that says 01 alone", () => {
  assert.deepEqual(play([[0, 1], [2000, 0], [9000, 1], [11_000, 0]]), ["single@900", "long@9900"]);
});

test("a release that got lost does not make the next press longer", () => {
  assert.deepEqual(play([[0, 1], [5000, 1], [5100, 0]], { releases: true }), ["long@900", "single@6000"]);
});

test("any byte but 00 is a press, nothing is nothing", () => {
  const said = (/** @type {number[]} */ ...bytes) => meaning(new DataView(Uint8Array.from(bytes).buffer));
  assert.deepEqual([said(1), said(2), said(0xff, 0), said(0), said()], ["press", "press", "press", "release", null]);
  assert.equal(meaning(null), null);
});

test("it is looked for again soon, then less often, and never given up", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 1000].map(pause), [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000]);
});

test("a battery that says nothing is not called low", () => {
  /** @type {ButtonState} */
  const state = { standing: "in", name: "", battery: null, since: null, why: "" };
  assert.deepEqual([null, 0, 20, 21].map((battery) => isLow({ ...state, battery })), [false, true, true, false]);
});
