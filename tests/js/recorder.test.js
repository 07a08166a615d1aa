import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { page, settle } from "./page.fake.js";
import { listenForHearing, heardNow } from "../../static/js/parts/phone/hearing.js";
import { Recorder } from "../../static/js/parts/phone/recorder.js";
import { unknown } from "../../static/js/pure/phoneview.js";
import { jobsOf } from "../../static/js/pure/soundkept.js";

const WORDS = new Proxy({}, { get: (_none, key) => String(key) });
const line = () => page.getElementById("sound-line").textContent;
const key = () => page.getElementById("sound-key").textContent;

/** @type {{method: string, path: string, body: any, answers: (answer: Partial<Answer>) => Promise<void>}[]} */
let calls;
/** @type {{around: MicrophoneAround, isOpen: boolean, opens: number}[]} */
let microphones;
/** @type {PhoneState} */
let state;
/** @type {Recorder} */
let recorder;
/** @type {any} */
let api;
let refuses = "";
/** What is kept on the telephone: numbers of seconds. */
let held = /** @type {Set<number>} */ (new Set());
/** @type {SoundJob[]} */
let left;
/** @type {SoundKeeping} */
const keeper = {
  left: () => Promise.resolve(left),
  keep: (job) => job.kind === "chunk" && held.add(job.number),
  forget: (jobs) => jobs.forEach((job) => job.kind === "chunk" && held.delete(job.number)),
  clear: () => held.clear(),
};

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(crypto.subtle, "digest", () => Promise.resolve(new ArrayBuffer(32))); // no other thread to wait for
  [calls, microphones, refuses, left, held] = [[], [], "", [], new Set()];
  api = {
    token: "hers",
    call: (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => new Promise((resolve) => {
      calls.push({
        method, path, body,
        answers: async (answer) => {
          resolve({ status: 200, code: "", body: {}, wait: 0, ...answer });
          await settle();
        },
      });
    }),
  };
  class Microphone {
    /** @param {MicrophoneAround} around */
    constructor(around) {
      this.fact = { around, isOpen: false, opens: 0 };
      microphones.push(this.fact);
    }

    open() {
      this.fact.opens += 1;
      if (refuses !== "") {
        return Promise.reject(Object.assign(new Error("no"), { name: refuses }));
      }
      this.fact.isOpen = true;
      return Promise.resolve();
    }

    close() {
      this.fact.isOpen = false;
      return Promise.resolve();
    }
  }
  recorder = new Recorder({
    api, words: WORDS, language: "fr",
    ear: { offer: () => undefined },
    load: () => Promise.resolve({ mediaType: () => "audio/webm;codecs=opus", Microphone }),
    keeper,
    unpaired: () => undefined,
  });
  listenForHearing(() => undefined);
  heardNow();
  state = { ...unknown(), paired: true, followed: true };
  recorder.follow(state, true);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** @param {Partial<PhoneState>} news */
async function knows(news) {
  state = { ...state, ...news };
  recorder.follow(state, true);
  await settle();
}

/** @param {Partial<PhoneAlert>} [more] @returns {PhoneAlert} */
const alarm = (more = {}) => ({
  id: "a", kind: "alarm", state: "open", drill: false, opened_at: "2026-06-01T10:00:00", contacts: [], in_charge: null, nobody_reached: false, ...more,
});
/** @type {PendingClick} */
const CLICK = { id: "c", gesture: "long", clicked_at: "2026-06-01T10:00:00", stale: false };

/** Her press: the click leaves, then the microphone opens. */
async function presses() {
  recorder.pressed("long");
  await knows({ pending: [CLICK], ended: null });
  await settle();
}

/** @param {number} segment @param {boolean} [first] */
async function hears(segment, first = false) {
  microphones.at(-1)?.around.heard({ segment, first, at: "2026-06-01T10:00:01.000Z", bytes: new ArrayBuffer(8) });
  await settle();
}

/** @param {Partial<Answer>} answer to the newest question */
const answers = (answer) => calls.at(-1)?.answers(answer);
const TAKEN = { status: 201, body: { id: "x", sequence: 1, head: "h", chunks: 1, missing: [] } };
const asked = () => calls.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, "it")}`);

test("the microphone opens at once, and its sound waits for the alert that it belongs to", async () => {
  await presses();
  await hears(0, true);
  assert.equal(microphones[0]?.isOpen, true);
  assert.deepEqual(asked(), []);
  assert.equal(line(), "sound_unsafe");

  await knows({ alert: alarm(), pending: [] });
  await answers(TAKEN);
  assert.deepEqual(asked(), ["POST /recordings", "PUT /recordings/it/chunks/0"]);
  assert.equal(line(), "sound_unsafe");
  await answers(TAKEN);
  assert.equal(line(), "sound_on");
});

test("no other gesture records, nor a press where she did not choose it, nor what the service says", async () => {
  recorder.pressed("single");
  recorder.pressed("double");
  recorder.follow(state, false);
  recorder.pressed("long");
  recorder.follow({ ...state, alert: alarm() }, true);
  await settle();
  page.getElementById("sound-key").gets("click"); // a script's own tap
  await settle();
  assert.equal(microphones.length, 0);
});

test("the press never asks for the microphone: it says that it is missing, and offers a key that does", async () => {
  const status = Object.assign(new EventTarget(), { state: "prompt" });
  Object.assign(navigator, { mediaDevices: {}, permissions: { query: () => Promise.resolve(status) } });
  Object.assign(globalThis, { MediaRecorder: class {} });
  listenForHearing(() => undefined);
  recorder.pressed("long");
  await knows({ alert: alarm(), ended: null });
  await settle();
  assert.deepEqual([microphones.length, line(), key()], [0, "sound_unasked", "sound_start"]);

  status.state = "granted";
  status.dispatchEvent(new Event("change"));
  recorder.pressed("long");
  await settle();
  assert.equal(microphones[0]?.isOpen, true);
});

test("a network that is cut holds nothing up but the sending, and the order stays", async () => {
  await presses();
  await knows({ alert: alarm(), pending: [] });
  await answers(TAKEN);
  await hears(0, true);
  await answers({ status: 0 });
  await hears(0);
  await hears(0);
  assert.equal(calls.length, 2);
  mock.timers.tick(2000);
  await settle();
  for (let turn = 0; turn < 3; turn += 1) {
    await answers(TAKEN);
  }
  assert.deepEqual(asked().slice(1), [0, 0, 1, 2].map((n) => `PUT /recordings/it/chunks/${n}`));
});

test("an alert that ends closes it, and the last seconds still leave", async () => {
  await presses();
  await knows({ alert: alarm(), pending: [] });
  await answers(TAKEN);
  await hears(0, true);
  await knows({ alert: null, ended: "2026-06-01T10:05:00" });
  assert.equal(microphones[0]?.isOpen, false);
  assert.equal(line(), "sound_leaving");
  await answers(TAKEN);
  assert.deepEqual([asked().at(-1), calls.at(-1)?.body], ["POST /recordings/it/close", { chunks: 1 }]);
  await answers(TAKEN);
  assert.equal(page.getElementById("sound").hidden, true);
});

test("a click that she took back takes its sound with it", async () => {
  await presses();
  await hears(0, true);
  await knows({ pending: [] });
  await hears(0);
  assert.deepEqual([microphones[0]?.isOpen, asked()], [false, []]);
});

test("a press in the middle of a drill waits for its own alert", async () => {
  await knows({ alert: alarm({ drill: true }) });
  await presses();
  await hears(0, true);
  assert.deepEqual([microphones[0]?.isOpen, asked()], [true, []]);
  await knows({ pending: [], alert: alarm({ id: "real" }) });
  assert.deepEqual(asked(), ["POST /recordings"]);
});

test("a telephone that is unpaired keeps and sends nothing", async () => {
  await presses();
  await hears(0, true);
  await knows({ paired: false, pending: [] });
  recorder.forget();
  await hears(0);
  await knows({ paired: true, alert: alarm() });
  assert.deepEqual([microphones[0]?.isOpen, asked()], [false, []]);
});

test("a microphone that another application holds is asked for again; a refused one is not", async () => {
  refuses = "NotReadableError";
  await presses();
  assert.deepEqual([line(), key()], ["sound_busy", "sound_stop"]);
  refuses = "";
  mock.timers.tick(2000);
  await settle();
  assert.deepEqual([microphones.length, microphones[0]?.opens, line()], [1, 2, "sound_unsafe"]);

  microphones[0]?.around.lost();
  assert.equal(line(), "sound_gone");
  refuses = "NotAllowedError";
  mock.timers.tick(2000);
  await knows({ alert: alarm(), pending: [] });
  assert.deepEqual([line(), key()], ["sound_refused", "sound_start"]);
  mock.timers.tick(60_000);
  await settle();
  assert.equal(microphones[0]?.opens, 3);
});

test("a recording that the service forgot is told again, once", async () => {
  await presses();
  await knows({ alert: alarm(), pending: [] });
  await answers(TAKEN);
  await hears(0, true);
  await answers({ status: 404, code: "unknown_recording" });
  assert.equal(asked().at(-1), "POST /recordings");
  await answers(TAKEN);
  assert.equal(asked().at(-1), "PUT /recordings/it/chunks/0");
  await answers({ status: 404, code: "unknown_recording" });
  assert.deepEqual([microphones[0]?.isOpen, line()], [false, "sound_full"]);
  await hears(0);
  assert.equal(calls.length, 4);
});

test("a second that waits longer than the next one takes is kept on the telephone until the service has it", async () => {
  await presses();
  await knows({ alert: alarm(), pending: [] });
  await answers(TAKEN);
  await hears(0, true);
  await answers(TAKEN);
  await hears(0);
  assert.deepEqual([...held], []);
  await hears(0);
  await hears(0);
  assert.deepEqual([...held], [1, 2]);
  await answers(TAKEN);
  assert.deepEqual([...held], [2]);
  recorder.forget();
  assert.deepEqual([...held], []);
});

test("what an earlier page left is sent first, sealed as it is, and nothing is said of it", async () => {
  const row = { id: "old", started_at: "2026-06-01T09:00:00Z", media_type: "audio/webm", segment: 0, at: "", sealed: new ArrayBuffer(9) };
  left = jobsOf([{ ...row, name: "a", number: 7, first: false }, { ...row, name: "b", number: 8, first: false }]);
  await recorder.restore();
  await knows({});
  await answers({ status: 0 });
  await knows({ alert: alarm() });
  mock.timers.tick(5000);
  await settle();
  await answers(TAKEN);
  await answers(TAKEN);
  await answers(TAKEN);
  assert.deepEqual(asked(), [
    "POST /recordings", "POST /recordings", "PUT /recordings/old/chunks/7", "PUT /recordings/old/chunks/8", "POST /recordings/old/close",
  ]);
  assert.deepEqual([calls[2]?.body, calls[4]?.body], [row.sealed, { chunks: 9 }]);
  assert.equal(page.getElementById("sound").hidden || line() === "sound_idle", true);
});
