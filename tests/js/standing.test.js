import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Standing } from "../../static/js/parts/phone/standing.js";
import { AGAIN_MS, APART_MS, newsOf, standingOf } from "../../static/js/pure/standing.js";

/** @type {ButtonState} */
const BUTTON = { standing: "in", name: "iTAG", battery: 83, since: null, why: "" };
/** @type {PhoneStanding} */
const WELL = { position: "granted", battery: 63 };
/** @type {PhoneStanding} */
const DENIED = { position: "denied", battery: 63 };

let clock = 0;
/** @type {any[]} */
let told = [];
/** What the service answers next. */
let status = 204;
/** @type {PhoneApi} */
let api;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  [clock, told, status] = [0, [], 204];
  api = {
    token: "hers",
    call: (method, path, body) => {
      told.push([method, path, body]);
      return Promise.resolve({ status, code: "", body: {}, wait: 0 });
    },
  };
});
afterEach(() => mock.timers.reset());

/** @param {number} milliseconds */
async function pass(milliseconds) {
  clock += milliseconds;
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 20; turn += 1) {
    await null;
  }
}

function opened() {
  const standing = new Standing(api, () => clock);
  standing.begin();
  return standing;
}

test("her button is told while it is heard, null when she uses none, and left out while it is not heard", () => {
  const state = { position: /** @type {const} */ ("granted"), button: BUTTON };
  assert.deepEqual(standingOf(state, 63), { position: "granted", battery: 63, button: { battery: 83 } });
  assert.deepEqual(standingOf({ ...state, button: { ...BUTTON, standing: "none" } }, null), { position: "granted", battery: null, button: null });
  for (const standing of /** @type {const} */ (["lost", "again", "joining", "choosing"])) {
    assert.deepEqual(standingOf({ ...state, button: { ...BUTTON, standing } }, 63), WELL);
  }
  assert.deepEqual(standingOf({ ...state, button: null }, 63), WELL, "not known yet, or a browser without Bluetooth");
});

test("news is a permission, a button that comes or goes, a battery that gets low, and not each percent", () => {
  assert.equal(newsOf(WELL), newsOf({ ...WELL, battery: 12 }));
  assert.equal(newsOf({ ...WELL, button: { battery: 83 } }), newsOf({ ...WELL, button: { battery: 82 } }));
  const all = [WELL, DENIED, { ...WELL, button: null }, { ...WELL, button: { battery: null } }, { ...WELL, button: { battery: 83 } },
    { ...WELL, button: { battery: 20 } }];
  assert.equal(new Set(all.map(newsOf)).size, all.length);
});

test("it is told when the page opens, and not before the browser said what the page may do", async () => {
  const standing = new Standing(api, () => clock);
  standing.offer({ ...WELL, position: "prompt" });
  await pass(AGAIN_MS);
  assert.deepEqual(told, []);

  standing.offer(WELL);
  standing.begin();
  await pass(0);
  assert.deepEqual(told, [["PUT", "/phone/standing", WELL]]);
});

test("the same again is silence, a change waits for the minute, and the last word is the one that is told", async () => {
  const standing = opened();
  standing.offer(WELL);
  await pass(APART_MS * 5);
  standing.offer({ ...WELL, battery: 50 });
  await pass(0);
  assert.equal(told.length, 1);

  standing.offer(DENIED);
  await pass(0);
  assert.equal(told.length, 2, "nothing was told within this minute");
  standing.offer(WELL);
  standing.offer(DENIED);
  standing.offer(WELL);
  await pass(APART_MS - 1);
  assert.equal(told.length, 2);
  await pass(1);
  assert.deepEqual(told.at(-1)[2], WELL);
  assert.equal(told.length, 3);
});

test("a page that comes back tells it again, and so does one that stays open for an hour", async () => {
  const standing = opened();
  standing.offer(WELL);
  await pass(APART_MS);
  standing.freshen();
  await pass(0);
  assert.equal(told.length, 2);
  standing.freshen();
  await pass(APART_MS);
  assert.equal(told.length, 2, "it was told within this minute");

  await pass(AGAIN_MS);
  assert.equal(told.length, 3);
});

test("what did not arrive is told again a minute later; what was refused is not", async () => {
  for (const [answer, times] of [[0, 2], [503, 2], [429, 2], [404, 1], [401, 1]]) {
    [told, status] = [[], answer ?? 0];
    const standing = opened();
    standing.offer(WELL);
    await pass(APART_MS);
    assert.equal(told.length, times, String(answer));
    standing.forget();
  }
});

test("a change while the last word is on its way is not lost", async () => {
  /** @type {(answer: Answer) => void} */
  let answer = () => undefined;
  api.call = (_method, _path, body) => {
    told.push(body);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const standing = opened();
  standing.offer(WELL);
  standing.offer(DENIED);
  answer({ status: 204, code: "", body: {}, wait: 0 });
  await pass(0);
  await pass(APART_MS);

  assert.deepEqual(told, [WELL, DENIED]);
});

test("a telephone that is nobody's any more tells nothing", async () => {
  const standing = opened();
  standing.offer(WELL);
  await pass(0);
  standing.offer(DENIED);
  api.token = null;
  standing.forget();
  await pass(AGAIN_MS);

  assert.equal(told.length, 1);
});
