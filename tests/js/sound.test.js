import assert from "node:assert/strict";
import { test } from "node:test";

import { meaning } from "../../static/js/pure/soundanswers.js";
import { added, asked, LARGEST, pieces, waiting } from "../../static/js/pure/soundqueue.js";
import { hearingNotice, loudness, silent, soundView, trouble } from "../../static/js/pure/soundview.js";

/** @type {SoundRecording} */
const RECORDING = {
  id: "hers", started_at: "2026-06-01T21:04:00.000Z", media_type: "audio/webm;codecs=opus", made: 0, isSafe: false, isToldAgain: false,
};
const AT = "2026-06-01T21:04:05.000Z";
const HOW = { tried: 0, expected: false };

/** @param {number} number @returns {SoundJob} ten bytes; each third begins a segment */
function second(number) {
  return {
    recording: RECORDING, kind: "chunk", number, segment: Math.floor(number / 3), first: number % 3 === 0, at: AT, bytes: new ArrayBuffer(10),
  };
}

/** @param {SoundJob[]} jobs */
const numbers = (jobs) => jobs.map((job) => (job.kind === "chunk" ? job.number : job.kind));

test("what waits keeps its order, and beyond the bound loses its oldest seconds, never a header", () => {
  /** @type {SoundJob[]} */
  let jobs = [{ recording: RECORDING, kind: "begin" }];
  for (let number = 0; number < 9; number += 1) {
    jobs = added(jobs, second(number), 60);
  }
  assert.deepEqual(numbers(jobs), ["begin", 0, 3, 5, 6, 7, 8]);
  assert.equal(waiting(jobs), 6);
});

test("the one that may be on its way is not taken back, and headers alone pass the bound", () => {
  const jobs = [1, 2, 4].reduce((kept, number) => added(kept, second(number), 10), /** @type {SoundJob[]} */ ([]));
  assert.deepEqual(numbers(jobs), [1]);
  const headers = [0, 3, 6].reduce((kept, number) => added(kept, second(number), 10), /** @type {SoundJob[]} */ ([]));
  assert.deepEqual(numbers(headers), [0, 3, 6]);
});

test("the end is never lost, however much waits before it", () => {
  const jobs = added([second(0), second(1)], { recording: RECORDING, kind: "close", chunks: 2 }, 10);
  assert.deepEqual(numbers(jobs), [0, "close"]);
});

test("many seconds at once become pieces that the service takes, the same bytes in the same order", () => {
  const bytes = new Uint8Array(LARGEST * 2 + 7).map((_none, place) => place % 251);
  const found = pieces(bytes.buffer);
  assert.deepEqual(found.map((one) => one.byteLength), [LARGEST, LARGEST, 7]);
  assert.deepEqual(Buffer.concat(found.map((one) => Buffer.from(one))), Buffer.from(bytes));
  assert.deepEqual(pieces(new ArrayBuffer(3)).length, 1);
});

test("each job is asked as the contract writes it", () => {
  assert.deepEqual(asked({ recording: RECORDING, kind: "begin" }, ""), {
    method: "POST", path: "/recordings", headers: {},
    body: { id: "hers", started_at: RECORDING.started_at, media_type: RECORDING.media_type },
  });
  const { method, path, headers } = asked(second(4), "AAAA=");
  assert.deepEqual([method, path], ["PUT", "/recordings/hers/chunks/4"]);
  assert.deepEqual(headers, { "Content-Digest": "sha-256=:AAAA=:", "Sherif-Segment": "1", "Sherif-Recorded-At": AT });
  const end = asked({ recording: RECORDING, kind: "close", chunks: 5 }, "");
  assert.deepEqual([end.path, end.body], ["/recordings/hers/close", { chunks: 5 }]);
});

/** @param {number} status @param {string} [code] @param {Record<string, unknown>} [body] @returns {Answer} */
const answer = (status, code = "", body = {}) => ({ status, code, body, wait: 0 });

test("only the service's own word says that sound is safe", () => {
  assert.equal(meaning("begin", answer(201, "", { id: "hers" }), HOW), "done");
  assert.equal(meaning("chunk", answer(200, "", { sequence: 3, head: "x" }), HOW), "done");
  assert.equal(meaning("close", answer(200, "", { chunks: 3, missing: [] }), HOW), "done");
  for (const kind of /** @type {const} */ (["begin", "chunk", "close"])) {
    for (const passing of [answer(200), answer(302), answer(404), answer(0), answer(503, "busy"), answer(429, "too_often"), answer(500, "broken")]) {
      assert.equal(meaning(kind, passing, HOW), "later", `${kind} ${passing.status}`);
    }
    assert.equal(meaning(kind, answer(401, "unauthorized"), HOW), "unpaired");
  }
});

test("without an alert the beginning waits for the click that is on its way, and for nothing else", () => {
  assert.equal(meaning("begin", answer(409, "no_open_alert"), { ...HOW, expected: true }), "later");
  assert.equal(meaning("begin", answer(409, "no_open_alert"), HOW), "over");
  for (const [status, code] of /** @type {const} */ ([[409, "too_many"], [409, "other_recording"], [422, "invalid"]])) {
    assert.equal(meaning("begin", answer(status, code), { ...HOW, expected: true }), "over");
  }
});

test("every refusal of a second has an end", () => {
  assert.equal(meaning("chunk", answer(409, "other_chunk"), HOW), "lost");
  assert.equal(meaning("chunk", answer(413, "too_large"), HOW), "lost");
  assert.equal(meaning("chunk", answer(409, "too_late"), HOW), "over");
  assert.equal(meaning("chunk", answer(404, "unknown_recording"), HOW), "anew");
  const spoilt = [0, 1, 2, 3].map((tried) => meaning("chunk", answer(422, "wrong_digest"), { ...HOW, tried }));
  assert.deepEqual(spoilt, ["later", "later", "later", "lost"]);
  assert.equal(meaning("close", answer(404, "unknown_recording"), HOW), "done");
  assert.equal(meaning("close", answer(422, "invalid"), HOW), "done");
});

const WORDS = new Proxy({}, { get: (_none, key) => `${String(key).replace("sound_", "")}${key === "sound_waiting" ? " {count}" : ""}.` });
/** @param {Partial<SoundState>} change */
const seen = (change) => soundView({ ...silent(""), ...change }, WORDS, "fr");

test("recording is said once the service has the first second, and never before", () => {
  assert.deepEqual(seen({ standing: "opening" }), { shown: true, on: false, line: "opening.", key: "stop." });
  assert.deepEqual(seen({ standing: "on" }), { shown: true, on: false, line: "unsafe.", key: "stop." });
  assert.deepEqual(seen({ standing: "on", isSafe: true }), { shown: true, on: true, line: "on.", key: "stop." });
  assert.equal(seen({ standing: "again", why: "busy", isSafe: true }).line, "busy.");
  assert.equal(seen({ standing: "on", isSafe: true, isMuted: true }).line, "on. muted.");
});

test("seconds that wait or are lost are said, in tens so that the line is not read aloud each second", () => {
  assert.equal(seen({ standing: "on", isSafe: true, waiting: 9 }).line, "on.");
  assert.equal(seen({ standing: "on", isSafe: true, waiting: 19 }).line, "on. waiting 10.");
  assert.equal(seen({ standing: "on", isSafe: true, waiting: 60, lost: 2 }).line, "on. waiting 60. lost.");
});

test("after the end: why, what still leaves, and a key only while her alarm runs", () => {
  assert.deepEqual(seen({}), { shown: false, on: false, line: "", key: "" });
  assert.deepEqual(seen({ isOffered: true }), { shown: true, on: false, line: "idle.", key: "start." });
  assert.deepEqual(seen({ isOffered: true, why: "stopped", isSafe: true, waiting: 1 }), {
    shown: true, on: false, line: "stopped. leaving.", key: "again.",
  });
  assert.equal(seen({ isOffered: true, why: "stopped" }).line, "stopped_unsafe.");
  assert.deepEqual(seen({ why: "stopped", waiting: 2 }), { shown: true, on: false, line: "leaving.", key: "" });
});

test("what the browser refuses has a name", () => {
  const named = (/** @type {string} */ name) => trouble(Object.assign(new Error("no"), { name }));
  assert.deepEqual(
    ["NotAllowedError", "NotFoundError", "NotReadableError", "AbortError", "NotSupportedError", "TypeError"].map(named),
    ["refused", "absent", "busy", "busy", "unable", "absent"],
  );
  assert.deepEqual(hearingNotice("granted", WORDS), []);
  assert.deepEqual(hearingNotice("prompt", WORDS), ["hearing_prompt."]);
});

test("a level shows silence at one end and a shout at the other", () => {
  assert.equal(loudness(new Float32Array(100)), 0);
  assert.equal(loudness(new Float32Array(100).fill(1)), 1);
  assert.equal(Math.round(100 * loudness(new Float32Array(100).fill(0.03))), 49);
});
