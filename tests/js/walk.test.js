import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, moved, walk } from "../../static/js/pure/walk.js";

const COMPIEGNE = { latitude: 49.4179, longitude: 2.8261 };

test("a walk lasts ten minutes and begins where she is", () => {
  const fixes = walk(COMPIEGNE);
  const first = fixes[0];
  const last = fixes.at(-1);
  assert.ok(first && last);
  assert.equal(first.t, 0);
  assert.ok(apart(first, COMPIEGNE) < 15);
  assert.ok(last.t > 570 && last.t <= 600);
  assert.ok(apart(first, last) > 60, "she gets somewhere");
});

test("a walk is the same for the same seed and another for another", () => {
  assert.deepEqual(walk({ ...COMPIEGNE, seed: 3 }), walk({ ...COMPIEGNE, seed: 3 }));
  assert.notDeepEqual(walk({ ...COMPIEGNE, seed: 3 }), walk({ ...COMPIEGNE, seed: 4 }));
});

test("a walk is sampled unevenly, pauses, and never runs", () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const fixes = walk({ ...COMPIEGNE, seed });
    const gaps = fixes.slice(1).map((fix, index) => fix.t - (fixes[index]?.t ?? 0));
    assert.ok(Math.min(...gaps) > 0, "time only moves forward");
    assert.ok(Math.max(...gaps) > 2 * Math.min(...gaps));
    assert.ok(fixes.some((fix) => fix.speed < 0.2), "she stops");
    fixes.slice(1).forEach((fix, index) => {
      const before = fixes[index];
      assert.ok(before);
      const noise = before.accuracy + fix.accuracy;
      assert.ok(apart(before, fix) <= 2.5 * (fix.t - before.t) + noise, "no leap");
    });
  }
});

test("every fix is one that the service takes", () => {
  for (const fix of walk({ latitude: -20.88, longitude: 55.45, seed: 9 })) {
    assert.ok(fix.accuracy > 0 && fix.speed >= 0 && fix.heading >= 0 && fix.heading < 360);
    assert.ok(Number.isInteger(fix.battery) && fix.battery > 0 && fix.battery <= 100);
    assert.ok(Math.abs(fix.latitude + 20.88) < 0.02 && Math.abs(fix.longitude - 55.45) < 0.02);
  }
});

test("a hundred metres north is a hundred metres away", () => {
  assert.ok(Math.abs(apart(COMPIEGNE, moved(COMPIEGNE, 100, 0)) - 100) < 0.01);
  assert.ok(Math.abs(apart(COMPIEGNE, moved(COMPIEGNE, 100, 90)) - 100) < 0.1);
});
