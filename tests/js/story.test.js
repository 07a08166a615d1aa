import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { after } from "../../static/js/pure/alert.js";
import { fold, isLoud, kept, packed, summary, unpacked } from "../../static/js/pure/story.js";

// The cases that the server's tests read too.
const { words, cases } = JSON.parse(readFileSync(new URL("../responders/story_cases.json", import.meta.url), "utf8"));

/**
 * @param {string} text
 * @returns {LiveLine}
 */
function line(text) {
  const told = unpacked(text);
  return { ...told, at: "2026-06-01T19:05:00+00:00", about: told.message ? "messages" : "people", text };
}

/** @param {LiveLine | LiveFold} entry */
function spoken(entry) {
  if (!("lines" in entry)) {
    return String(entry.sequence);
  }
  return `${entry.round} ${entry.lines.map((one) => one.sequence).join(" ")}: ${summary(words, entry)}`;
}

test("the browser folds the messages of a round as the server does", () => {
  for (const { lines, folded } of cases) {
    assert.deepEqual(fold(lines.map(line)).map(spoken), folded);
  }
});

test("a line comes back from the page as it was written there", () => {
  for (const text of ["12 take_charge", "13 delivered round_2 4 sms received"]) {
    assert.equal(packed(line(text)), text);
  }
});

test("a folded line keeps its place while receipts come in", () => {
  const before = [line("3 take_charge"), line("2 accepted click 1 sms sent"), line("1 opened")];
  const later = kept([...before, line("4 delivered click 1 sms received")]);

  assert.deepEqual(fold(before).map((entry) => "lines" in entry), [false, true, false]);
  assert.deepEqual(fold(later).map((entry) => "lines" in entry), [false, true, false]);
});

test("of too many lines receipts go first, never who did what", () => {
  const receipts = Array.from({ length: 400 }, (_, n) => line(`${n + 10} delivered round_9 ${n} sms received`));
  const lines = kept([line("1 opened"), line("2 take_charge"), ...receipts]);

  assert.equal(lines.length, 200);
  assert.deepEqual(lines.slice(-2).map((one) => one.kind), ["take_charge", "opened"]);
  assert.equal(lines[0]?.sequence, 409);
  assert.ok(lines.filter(isLoud).length === 2);
});

test("a receipt that arrives on the stream is told with what it is about", () => {
  const state = /** @type {LiveSnapshot} */ (/** @type {unknown} */ ({ sequence: 1, timeline: [line("1 opened")] }));
  const event = { ...line("2 accepted click 1 sms sent"), texts: { fr: "SMS à Nadia : parti" } };
  const next = after(state, { type: "delivery", sequence: 2, event }, "fr");

  assert.deepEqual(next.timeline.map((one) => [one.about, one.text]), [["messages", "SMS à Nadia : parti"], ["people", "1 opened"]]);
});
