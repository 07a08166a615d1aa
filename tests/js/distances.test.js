import assert from "node:assert/strict";
import { test } from "node:test";

import { bearing, degrees, distance, graticule, rings } from "../../static/js/pure/distances.js";

const COMPIEGNE = { latitude: 49.4179, longitude: 2.8261 };
const NOYON = { latitude: 49.581, longitude: 3.002 };

test("Compiègne to Noyon is 22 km to the north-east", () => {
  assert.ok(Math.abs(distance(COMPIEGNE, NOYON) - 22130) < 100);
  assert.ok(Math.abs(bearing(COMPIEGNE, NOYON) - 35) < 1);
});

test("nobody is any distance from herself", () => {
  assert.equal(distance(COMPIEGNE, COMPIEGNE), 0);
});

test("rings are round numbers that fill the view, at any zoom", () => {
  for (const edge of [30, 95, 260, 800, 2600, 40000, 900000]) {
    const radii = rings(edge);
    assert.ok(radii.every((radius) => /^[125]0*$/.test(String(radius))), `${edge}: ${radii}`);
    assert.ok(radii[0] >= edge * 0.25 && radii[0] < edge * 0.7, `${edge}: ${radii}`);
    assert.ok(radii[0] < radii[1] && radii[1] < radii[2]);
  }
});

test("a graticule stays countable however far the view", () => {
  assert.deepEqual(graticule(0.05, 0.35, 0.1).map((line) => line.toFixed(1)), ["0.1", "0.2", "0.3"]);
  assert.equal(graticule(-90, 90, 0.001).length, 40);
  assert.deepEqual(graticule(0.01, 0.02, 1), []);
});

test("a hundred metres east are more degrees than a hundred metres north", () => {
  const step = degrees(100, 49.4);
  assert.ok(Math.abs(distance(COMPIEGNE, { ...COMPIEGNE, longitude: COMPIEGNE.longitude + step.longitude }) - 100) < 1);
  assert.ok(Math.abs(distance(COMPIEGNE, { ...COMPIEGNE, latitude: COMPIEGNE.latitude + step.latitude }) - 100) < 1);
});
