import assert from "node:assert/strict";
import { test } from "node:test";

import { serverTime } from "../../static/js/pure/clock.js";

const NOON = "2026-06-01T10:00:00.000Z";

/** A telephone whose clocks are moved by hand. */
function telephone() {
  const shown = { wall: Date.parse("2031-01-01T00:00:00Z"), steady: 50_000 };
  const clock = serverTime({ wall: () => shown.wall, steady: () => shown.steady });
  clock.set(NOON);
  const pass = (/** @type {number} */ milliseconds) => {
    shown.wall += milliseconds;
    shown.steady += milliseconds;
  };
  return { shown, clock, pass, seconds: () => (clock.now() - Date.parse(NOON)) / 1000 };
}

test("the server's clock runs on, whatever year the telephone believes in", () => {
  const { pass, seconds, clock } = telephone();
  pass(12_000);

  assert.equal(seconds(), 12);
  assert.equal(clock.jumped(), false);
});

test("a machine that slept is ten minutes later at once, though its steady clock stood still", () => {
  const { shown, seconds, clock } = telephone();
  shown.wall += 600_000;

  assert.equal(seconds(), 600);
  assert.equal(clock.jumped(), true);
  assert.equal(clock.jumped(), false);
});

test("a clock that somebody sets back makes no fix younger", () => {
  const { shown, pass, seconds, clock } = telephone();
  pass(40_000);
  shown.wall -= 3_600_000;

  assert.equal(seconds(), 40);
  assert.equal(clock.jumped(), true);
});

test("a clock that somebody sets forward makes fixes older until the server says its time again", () => {
  const { shown, pass, seconds, clock } = telephone();
  pass(1_000);
  shown.wall += 3_600_000;
  assert.equal(seconds(), 3601);

  clock.set("2026-06-01T10:00:05.000Z");
  pass(1_000);
  assert.equal(seconds(), 6);
});

test("an answer that took long counts from when it was asked for: the fix in it is no younger for that", () => {
  const { shown, pass, seconds, clock } = telephone();
  const asked = shown.steady;
  pass(8_000);
  clock.set(NOON, asked);

  assert.equal(seconds(), 8);
});
