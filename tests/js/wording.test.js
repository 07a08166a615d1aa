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
  nobody_17: "Personne n'a encore appelé le 17", calling_17: "{name} appelle le 17 depuis {time}", noted: "{said} : {note}",
  unsure_17: "{name} a appelé le 17 à {time} sans dire la suite : appelez", reached_17: "{name} a eu le 17, appel de {time}",
  not_reached_17: "{name} n'a pas eu le 17 : appelez", key_nobody: "pas encore appelé", key_calling: "{name} appelle",
  key_reached: "{name} l'a eu", key_again: "appelez", list_two: "{one} et {two}", list_more: "{names} et {n} autres",
  away_old: "{away}, il y a {age}",
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

test("the browser says how calling 17 stands as the server does", () => {
  for (const [call, seconds, state, spoken, onKey] of CASES.seventeen) {
    assert.deepEqual(wording.seventeen(WORDS, call, { seconds, time: "21:04" }), [state, spoken]);
    assert.equal(wording.onKey(WORDS, state, call?.by ?? ""), onKey);
  }
  for (const [names, spoken] of CASES.together) {
    assert.equal(wording.together(WORDS, names), spoken);
  }
});

test("a burst of actions is three sentences and a number, not a flood", () => {
  const texts = Array.from({ length: 20 }, (_none, index) => `Nadia y va ${index}`);
  assert.equal(wording.announced(WORDS, texts), "Nadia y va 17. Nadia y va 18. Nadia y va 19 et 17 autres");
  assert.equal(wording.announced(WORDS, texts.slice(0, 2)), "Nadia y va 0. Nadia y va 1");
});

test("where somebody was is not where somebody is", () => {
  assert.equal(wording.since(WORDS, "à 4 km de Marie, au nord", 299), "à 4 km de Marie, au nord");
  assert.equal(wording.since(WORDS, "à 4 km de Marie, au nord", 720), "à 4 km de Marie, au nord, il y a 12 min");
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
