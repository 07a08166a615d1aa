import assert from "node:assert/strict";
import { test } from "node:test";

import { DRIFT_PX, feel, LONG_MS, SECOND_TAP_MS, still } from "../../static/js/pure/gestures.js";
import { RECORDINGS } from "./recordings.js";

/** @typedef {[Touched["kind"], number, number?, number?, number?]} Moment */

/**
 * Plays a recording: [kind, t, x, y, pointer]. Between two events the clock ticks when the recogniser asked for it, as
 * the page's timer does. Answers "gesture@milliseconds".
 * @param {Moment[]} recording
 * @param {{timers?: boolean}} [how] timers: false is a page too busy for its timers
 */
function play(recording, { timers = true } = {}) {
  let hand = still();
  /** @type {number | null} */
  let wake = null;
  /** @type {string[]} */
  const made = [];
  /** @param {Touched} event */
  const feed = (event) => {
    const felt = feel(hand, event);
    hand = felt.hand;
    wake = felt.wake;
    made.push(...felt.gestures.map((gesture) => `${gesture}@${event.t}`));
  };
  /** @param {number} t */
  const tickUntil = (t) => {
    while (timers && wake !== null && wake <= t) {
      feed({ kind: "tick", pointer: -1, x: 0, y: 0, t: wake });
    }
  };
  for (const [kind, t, x = 100, y = 200, pointer = 1] of recording) {
    tickUntil(t - 0.001);
    feed({ kind, pointer, x, y, t });
  }
  tickUntil(1e9);
  return made;
}

test("one tap is a single, told half a second after the finger left", () => {
  assert.deepEqual(play([["down", 0], ["up", 90]]), [`single@${90 + SECOND_TAP_MS}`]);
});

test("two taps are a double, told at once", () => {
  assert.deepEqual(play([["down", 0], ["up", 90], ["down", 250], ["up", 340]]), ["double@340"]);
});

test("a long press is told while the finger is still down", () => {
  assert.deepEqual(play([["down", 0], ["up", 2400]]), [`long@${LONG_MS}`]);
});

test("a slow tap stays a tap, and two slow taps a double", () => {
  assert.deepEqual(play([["down", 0], ["up", 850]]), ["single@1350"]);
  assert.deepEqual(play([["down", 0], ["up", 700], ["down", 1000], ["up", 1800]]), ["double@1800"]);
});

test("a trembling finger still taps and still presses", () => {
  /** @type {Moment[]} */
  const tremble = [["down", 0], ["move", 30, 106, 195], ["move", 60, 93, 210], ["up", 110, 108, 204]];
  assert.deepEqual(play(tremble), ["single@610"]);
  /** @type {Moment[]} */
  const held = Array.from({ length: 40 }, (_, i) => ["move", 20 + 20 * i, 100 + (i % 2 ? 9 : -8), 200 + (i % 3) * 6]);
  assert.deepEqual(play([["down", 0], ...held, ["up", 1500]]), ["long@900"]);
});

test("two taps at different places are a double: her thumb need not aim", () => {
  assert.deepEqual(play([["down", 0], ["up", 80], ["down", 300, 20, 380], ["up", 390, 20, 380]]), ["double@390"]);
});

test("a slide is no gesture, a tap before it is", () => {
  assert.deepEqual(play([["down", 0], ["move", 50, 100, 300], ["up", 90, 100, 420]]), []);
  assert.deepEqual(play([["down", 0], ["up", 90], ["down", 200], ["move", 260, 100, 300], ["up", 300]]), ["single@260"]);
});

test("a slide held for long is no alarm", () => {
  assert.deepEqual(play([["down", 0], ["move", 100, 200, 300], ["up", 3000]]), []);
});

test("a press that the system takes away is nothing, a tap before it still counts", () => {
  assert.deepEqual(play([["down", 0], ["cancel", 400]]), []);
  assert.deepEqual(play([["down", 0], ["up", 90], ["down", 200], ["cancel", 260]]), ["single@260"]);
});

test("a tap and then a held press is an alarm alone", () => {
  assert.deepEqual(play([["down", 0], ["up", 90], ["down", 300], ["up", 2000]]), ["long@1200"]);
});

test("a panicked hand that goes on tapping makes one double", () => {
  /** @type {Moment[]} */
  const taps = [0, 200, 400, 600, 800].flatMap((t) => [["down", t], ["up", t + 80]]);
  assert.deepEqual(play(taps), ["double@280"]);
});

test("a held press after a double is an alarm", () => {
  /** @type {Moment[]} */
  const taps = [["down", 0], ["up", 80], ["down", 200], ["up", 280], ["down", 400], ["up", 1600]];
  assert.deepEqual(play(taps), ["double@280", "long@1300"]);
});

test("two taps further apart are two singles", () => {
  assert.deepEqual(play([["down", 0], ["up", 80], ["down", 650], ["up", 730]]), ["single@580", "single@1230"]);
});

test("the rest of the palm does not disturb the first finger", () => {
  /** @type {Moment[]} */
  const palm = [
    ["down", 0, 100, 200, 1], ["down", 20, 180, 260, 2], ["move", 40, 300, 300, 2], ["up", 90, 300, 300, 2], ["up", 120],
  ];
  assert.deepEqual(play(palm), ["single@620"]);
});

test("a page too busy for its timers still tells every gesture", () => {
  assert.deepEqual(play([["down", 0], ["up", 1500]], { timers: false }), ["long@1500"]);
  /** @type {Moment[]} */
  const late = [["down", 0], ["up", 90], ["down", 900], ["up", 980], ["down", 2000]];
  assert.deepEqual(play(late, { timers: false }), ["single@900", "single@2000"]);
});

test("after any gesture the surface is ready for the next", () => {
  /** @type {Moment[]} */
  const all = [["down", 0], ["up", 1000], ["down", 1500], ["up", 1580], ["down", 3000], ["up", 3080], ["down", 3200], ["up", 3280]];
  assert.deepEqual(play(all), ["long@900", "single@2080", "double@3280"]);
});

for (const [name, { events, made }] of Object.entries(RECORDINGS)) {
  test(name, () => {
    assert.deepEqual(play(events), made);
  });
}

/** Numbers from 0 to 1, the same in every run. @param {number} seed */
function chances(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/**
 * One contact of a hand in a glove: it drifts as far as is allowed, and may break now and then.
 * @param {() => number} chance
 * @param {{begin: number, lasts: number}} when
 * @returns {Moment[]}
 */
function gloved(chance, { begin, lasts }) {
  const [x, y] = [60 + 200 * chance(), 60 + 200 * chance()];
  /** @param {Touched["kind"]} kind @param {number} t @returns {Moment} */
  const at = (kind, t) => {
    const far = DRIFT_PX * 0.95 * chance();
    const turn = 2 * Math.PI * chance();
    return [kind, t, x + far * Math.cos(turn), y + far * Math.sin(turn)];
  };
  /** @type {Moment[]} */
  const events = [["down", begin, x, y]];
  let t = begin + 60 + 60 * chance();
  while (t + 120 < begin + lasts) {
    if (chance() < 0.2) {
      events.push(["up", t, x, y], ["down", t + 5 + 34 * chance(), x, y]);
    } else {
      events.push(at("move", t));
    }
    t += 60 + 60 * chance();
  }
  return [...events, ["up", begin + lasts, x, y]];
}

test("a thousand gestures of gloved hands are what they were meant to be", () => {
  const chance = chances(17);
  for (let count = 0; count < 1000; count += 1) {
    const lasts = 90 + 700 * chance();
    const tap = gloved(chance, { begin: 0, lasts });
    const again = gloved(chance, { begin: lasts + 60 + 400 * chance(), lasts: 90 + 700 * chance() });
    const held = gloved(chance, { begin: 0, lasts: 1000 + 2000 * chance() });

    assert.deepEqual(play(tap).map((made) => made.split("@")[0]), ["single"], JSON.stringify(tap));
    assert.deepEqual(play([...tap, ...again]).map((made) => made.split("@")[0]), ["double"], JSON.stringify([tap, again]));
    assert.deepEqual(play(held), [`long@${LONG_MS}`], JSON.stringify(held));
  }
});
