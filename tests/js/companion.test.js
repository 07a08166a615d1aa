import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { page, settle } from "./page.fake.js";
import { Api } from "../../static/js/parts/phone/api.js";
import { Companion } from "../../static/js/parts/phone/companion.js";

/** @type {Map<string, any>} */
let kept;
/** Answers that the service has not given yet, by method and path. @type {Map<string, (answer: Partial<Answer>) => void>} */
let asked;
/** @type {Companion} */
let companion;
/** Her sound is recorded. */
let hears = false;

/** @param {string} id @param {PhoneAlert["state"]} [state] @returns {PhoneAlert} */
function alert(id, state = "open") {
  return { id, kind: "rescue", state, drill: false, opened_at: "2026-06-01T10:00:00", contacts: [], in_charge: null, nobody_reached: false };
}

const kindly = () => Promise.resolve();
/** @type {any} */
const STORE = {
  keep: (/** @type {string} */ key, /** @type {unknown} */ value) => Promise.resolve(kept.set(key, value)),
  kept: () => Promise.resolve(null),
  keepClick: kindly,
  forgetClick: kindly,
  keepFix: kindly,
  forgetFixes: kindly,
};

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  [kept, asked] = [new Map(), new Map()];
  companion = new Companion({
    api: {
      token: "hers",
      call: (method, path) => new Promise((resolve) => {
        asked.set(`${method} ${path}`, (answer) => resolve({ status: 200, code: "", body: {}, wait: 0, ...answer }));
      }),
    },
    store: STORE,
    words: {},
    language: "fr",
    voice: { offer: () => undefined },
    siren: { sounding: () => false, start: () => undefined, stop: () => undefined },
    rehearsal: { state: null, takes: () => false, forget: () => undefined },
    recorder: {
      isOn: () => hears, pressed: () => undefined, follow: () => undefined, restore: () => Promise.resolve(),
      forget: () => undefined,
    },
  });
  companion.state.paired = true;
});

afterEach(() => mock.timers.reset());

/** @param {string} call @param {Partial<Answer>} answer */
async function answers(call, answer) {
  asked.get(call)?.(answer);
  await settle();
}

test("the end of an alert that comes late does not end the one that she began since", () => {
  companion.acknowledged(alert("new"));
  companion.over("old");
  assert.deepEqual([companion.state.alert?.id, companion.state.followed], ["new", true]);

  companion.acknowledged(alert("old", "closed"));
  assert.deepEqual([companion.state.alert?.id, companion.state.followed], ["new", true]);

  companion.over("new");
  assert.deepEqual([companion.state.alert, companion.state.followed], [null, false]);
});

test("a click that she let go stands behind no alert that another telephone begins", async () => {
  companion.made("double");
  await answers("POST /clicks", { status: 409, code: "stale_click" });
  companion.answer(false);
  assert.equal(companion.state.followed, false);

  companion.look();
  await answers("GET /alert", { body: { alert: alert("elsewhere") } });
  assert.deepEqual([companion.state.alert?.id, companion.state.followed], ["elsewhere", false]);
});

test("a page that nobody looks at asks for the alert as long as it hears", (context) => {
  context.after(() => {
    page.visibilityState = "visible";
    hears = false;
  });
  page.visibilityState = "hidden";
  companion.look();
  assert.equal(asked.has("GET /alert"), false);

  hears = true;
  companion.look();
  assert.equal(asked.has("GET /alert"), true);
});

test("who was taken out is kept with the alert and forgotten with it", () => {
  companion.acknowledged(alert("a"));
  companion.removed("another", 7);
  companion.removed("a", 2);
  assert.deepEqual([companion.state.removed, kept.get("alert").removed], [[2], [2]]);

  companion.acknowledged(alert("b"));
  assert.deepEqual(companion.state.removed, []);
});

test("a telephone that keeps nothing is paired all the same: her code is spent", async () => {
  const refusing = new Companion({ ...companion, api: companion.api, store: { ...STORE, keep: () => Promise.reject(new Error("full")) } });
  await refusing.paired("new");
  assert.deepEqual([refusing.state.paired, refusing.state.forgetful, refusing.api.token], [true, true, "new"]);
});

test("a refusal of the credential of before says nothing about the one of now", async (context) => {
  /** @type {(response: unknown) => void} */
  let respond = () => undefined;
  context.mock.method(globalThis, "fetch", () => new Promise((resolve) => {
    respond = resolve;
  }));
  const api = new Api("/api/v1");
  for (const [meanwhile, status] of /** @type {const} */ ([["old", 401], ["new", 0]])) {
    api.token = "old";
    const answer = api.call("GET", "/alert");
    api.token = meanwhile;
    respond(new Response('{"error": {"code": "unauthorized"}}', { status: 401, headers: { "Content-Type": "application/json" } }));
    assert.equal((await answer).status, status);
  }
});
