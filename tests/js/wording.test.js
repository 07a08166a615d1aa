import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as wording from "../../static/js/pure/wording.js";

// The cases that the server's tests read too.
const CASES = JSON.parse(readFileSync(new URL("../responders/wording_cases.json", import.meta.url), "utf8"));
const WORDS = {
  decimal: ",", second: "{n} s", minute: "{n} min", hour: "{h} h {m}", day: "{d} j {h} h", metre: "{n} m", kilometre: "{n} km",
  live: "en direct, il y a {age}", late: "EN RETARD {age}", lost: "PERDUE depuis {time}", unknown: "position pas encore connue",
  accuracy: "±{distance}", battery: "batterie {percent} %", still: "immobile", walking: "à pied", fast: "{n} km/h",
  direction_0: "au nord", direction_1: "au nord-est", direction_2: "à l'est", direction_3: "au sud-est",
  direction_4: "au sud", direction_5: "au sud-ouest", direction_6: "à l'ouest", direction_7: "au nord-ouest",
};
const LIMITS = { late_after: 30, lost_after: 300 };

test("the browser says an age, a distance, a direction and a pace as the server does", () => {
  for (const [seconds, spoken] of CASES.age) {
    assert.equal(wording.age(WORDS, seconds), spoken);
  }
  for (const [metres, spoken] of CASES.distance) {
    assert.equal(wording.distance(WORDS, metres), spoken);
  }
  for (const [degrees, spoken] of CASES.direction) {
    assert.equal(wording.direction(WORDS, degrees), spoken);
  }
  for (const [speed, spoken] of CASES.pace) {
    assert.equal(wording.pace(WORDS, speed), spoken);
  }
});

test("the browser says the state of a fix as the server does", () => {
  for (const [position, state, spoken] of CASES.fix) {
    assert.equal(wording.fix(WORDS, position, state), spoken);
  }
});

test("the browser names a place as the server does", () => {
  for (const [position, spoken] of CASES.commune) {
    assert.equal(wording.commune(position, "fr"), spoken);
  }
});

test("a fix is live for thirty seconds, late for five minutes, then lost", () => {
  assert.deepEqual([0, 30, 30.1, 300, 301].map((age) => wording.freshness(age, LIMITS)), ["live", "live", "late", "late", "lost"]);
});

test("what a name contains is never a phrase", () => {
  assert.equal(wording.say({ hello: "{name} !" }, "hello", { name: "${alert(1)} {age} `" }), "${alert(1)} {age} ` !");
});

test("a mark on the map carries one or two initials, whatever the name", () => {
  assert.deepEqual(["Nadia", "marie-claire", "Élise Roy Gil", " ", "🌻 Zoé"].map(wording.initials), ["N", "MC", "ÉR", "", "🌻Z"]);
});
