import assert from "node:assert/strict";
import test from "node:test";

import { changed, doubled, places, segments, toGsm } from "../../static/js/pure/gsm7.js";

test("French letters of the alphabet stay, the others lose their accent", () => {
  assert.equal(toGsm("Où êtes-vous ? Ça va, Noël à l'hôtel, cœur"), "Où etes-vous ? Ça va, Noel à l'hotel, coeur");
  assert.deepEqual(changed("é à ê ç ê"), ["ê", "ç"]);
});

test("typographic marks become plain ones", () => {
  assert.equal(toGsm("« L’aube »… — 5°"), "\" L'aube \"... - 5o");
});

test("line breaks and runs of space are one space", () => {
  assert.equal(toGsm(" un\n\n deux\u202ftrois "), "un deux trois");
});

test("what has no letter near it takes one place and is named", () => {
  assert.equal(toGsm("🙂 ok"), "? ok");
  assert.deepEqual(changed("🙂"), ["🙂"]);
});

test("characters of the extension take two places", () => {
  assert.equal(places("10 €"), 5);
  assert.equal(places("[x]"), 5);
});

test("characters that count twice are named, each once", () => {
  assert.deepEqual(doubled("10 € [x] [y] ê"), ["€", "[", "]"]);
});

test("160 places make one SMS, 161 make two of 153", () => {
  assert.equal(segments(""), 1);
  assert.equal(segments("a".repeat(160)), 1);
  assert.equal(segments("a".repeat(161)), 2);
  assert.equal(segments("a".repeat(306)), 2);
  assert.equal(segments("a".repeat(307)), 3);
});

test("a character of two places is never cut between two SMS", () => {
  assert.equal(segments(`${"a".repeat(152)}€${"a".repeat(152)}`), 3);
  assert.equal(segments(`${"a".repeat(151)}€${"a".repeat(153)}`), 2);
});
