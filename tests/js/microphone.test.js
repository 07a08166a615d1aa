import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { settle } from "./page.fake.js";
import { Microphone } from "../../static/js/parts/phone/microphone.js";

/** @type {FakeRecorder[]} */
let recorders;
/** @type {{segment: number, first: boolean, bytes: ArrayBuffer}[]} */
let heard;
/** @type {any} */
let track;
let lost = 0;
let now = 0;
/** The number of the recorder that cannot be made. */
let broken = -1;

class FakeRecorder extends EventTarget {
  state = "inactive";

  constructor() {
    super();
    if (recorders.length === broken) {
      broken = -1;
      throw new Error("no encoder left");
    }
    recorders.push(this);
  }

  static isTypeSupported() {
    return true;
  }

  start() {
    this.state = "recording";
  }

  stop() {
    this.state = "inactive";
    this.gives("last");
    this.dispatchEvent(new Event("stop"));
  }

  /** @param {string} sound */
  gives(sound) {
    const bytes = Uint8Array.from(Buffer.from(sound)).buffer;
    const slow = sound === "slow" ? 5 : 0;
    const data = { size: bytes.byteLength, arrayBuffer: async () => {
      for (let turn = 0; turn < slow; turn += 1) {
        await null;
      }
      return bytes;
    } };
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data }));
  }
}

beforeEach(() => {
  mock.restoreAll();
  mock.method(performance, "now", () => now);
  [recorders, heard, lost, now, broken] = [[], [], 0, 0, -1];
  track = { muted: false, isOff: false, stop: () => {
    track.isOff = true;
  } };
  Object.assign(navigator, { mediaDevices: { getUserMedia: () => Promise.resolve({ getAudioTracks: () => [track], getTracks: () => [track] }) } });
  Object.assign(globalThis, { MediaRecorder: FakeRecorder });
});

async function open() {
  const microphone = new Microphone({
    heard: (piece) => heard.push(piece),
    muted: () => undefined,
    lost: () => {
      lost += 1;
    },
  });
  await microphone.open();
  return microphone;
}

const told = () => heard.map(({ segment, first, bytes }) => `${segment}${first ? "*" : ""} ${Buffer.from(bytes)}`);

test("after a minute another recorder is heard before the first one stops", async () => {
  await open();
  recorders[0]?.gives("a");
  now = 61_000;
  recorders[0]?.gives("b");
  assert.equal(recorders.length, 2);
  recorders[0]?.gives("c");
  assert.equal(recorders[0]?.state, "recording", "the other has not given anything yet");
  recorders[1]?.gives("d");
  assert.equal(recorders[0]?.state, "inactive");
  now = 62_000;
  recorders[1]?.gives("e");
  await settle();
  assert.deepEqual(told(), ["0* a", "0 b", "0 c", "1* d", "0 last", "1 e"]);
  assert.equal(recorders.length, 2);
});

test("a second recorder that cannot be made leaves the first one alone, and is tried a minute later", async () => {
  await open();
  broken = 1;
  now = 61_000;
  recorders[0]?.gives("a");
  now = 90_000;
  recorders[0]?.gives("b");
  assert.deepEqual([recorders.length, recorders[0]?.state], [1, "recording"]);
  now = 122_000;
  recorders[0]?.gives("c");
  await settle();
  assert.equal(recorders.length, 2);
});

test("the order of its bytes is that of the sound, however long a browser takes to hand them over", async () => {
  await open();
  recorders[0]?.gives("slow");
  recorders[0]?.gives("fast");
  await settle();
  assert.deepEqual(told(), ["0* slow", "0 fast"]);
});

test("closed, it is off at once, and its last bytes still come", async () => {
  const microphone = await open();
  recorders[0]?.gives("a");
  const closed = microphone.close();
  assert.equal(track.isOff, true);
  await closed;
  assert.deepEqual(told(), ["0* a", "0 last"]);
  assert.equal(lost, 0);
});

test("what is allowed after the end is switched off", async () => {
  const microphone = new Microphone({ heard: () => undefined, muted: () => undefined, lost: () => undefined });
  const opened = microphone.open();
  await microphone.close();
  await opened;
  assert.deepEqual([track.isOff, recorders.length], [true, 0]);
});

test("a microphone that is taken away is lost once, and counts its segments on", async () => {
  const microphone = await open();
  recorders[0]?.gives("a");
  track.onended();
  await settle();
  assert.equal(lost, 1);
  await microphone.open();
  recorders[1]?.gives("b");
  await settle();
  assert.deepEqual(told(), ["0* a", "0 last", "1* b"]);
});
