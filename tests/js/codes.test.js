import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { page, settle } from "./page.fake.js";
import { listenForClosing } from "../../static/js/parts/phone/closing.js";
import { listenForRemoval } from "../../static/js/parts/phone/removing.js";

const WORDS = { pin_wrong: "Code incorrect", pin_not_sent: "Pas envoyé", remove_not_done: "Pas fait : {name}", remove_whom: "Retirer {name}" };
/** @type {Answer} */
const SILENCE = { status: 0, code: "", body: {}, wait: 0 };
/** @type {ToldContact} */
const PAUL = { id: 2, name: "Paul", opened: true, in_charge: false, declined: false, stopped: false, deliveries: [] };
/** @type {PhoneAlert} */
const ALERT = {
  id: "a", kind: "rescue", state: "open", drill: false, opened_at: "", contacts: [PAUL], in_charge: null, nobody_reached: false,
};

/** What the service has not answered yet, the oldest first. @type {((answer: Answer) => void)[]} */
let asked = [];
/** @type {unknown[]} */
let said = [];
/** @type {string[]} */
let done = [];
/** @type {PhoneApi} */
const api = {
  token: "hers",
  call: (_method, _path, body) => new Promise((resolve) => {
    said.push(body);
    asked.push(resolve);
  }),
};

// The page is there once, as in a browser.
listenForClosing(api, WORDS, () => ALERT, { closed: ({ id }) => done.push(`closed ${id}`), other: () => done.push("look") });
listenForRemoval(api, WORDS, () => ({ alert: ALERT, contacts: [PAUL] }), {
  removed: (alert, { name }) => done.push(`${name} out of ${alert.id}`),
  other: () => done.push("look"),
});

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  [asked, said, done] = [[], [], []];
});
afterEach(() => mock.timers.reset());

/** @param {string} id */
const part = (id) => page.getElementById(id);

/** @param {string} id @param {string} code */
function types(id, code) {
  part(id).value = code;
}

/** @param {Partial<Answer>} answer to the oldest that has none */
async function answers(answer) {
  asked.shift()?.({ ...SILENCE, ...answer });
  await settle();
}

/** She opens the dialog, and chooses whom where it asks. @param {"end" | "remove"} key */
function begins(key) {
  part(key).gets("click");
  if (key === "remove") {
    part("removing-names").children[0].gets("click");
  }
}

for (const [key, form, pin, trouble] of /** @type {const} */ ([
  ["end", "closing-form", "pin", "closing-error"], ["remove", "removing-form", "removing-pin", "removing-error"],
])) {
  test(`${key}: what the service says to an earlier try wipes nothing that she types now`, async () => {
    begins(key);
    types(pin, "1111");
    part(form).gets("submit");
    part(key === "end" ? "closing" : "removing").close();
    begins(key);
    types(pin, "47");
    await answers(SILENCE);

    assert.deepEqual([part(pin).value, part(trouble).textContent], ["47", ""]);

    types(pin, "4711");
    part(form).gets("submit");
    await answers({ status: 403, code: "wrong_pin" });
    assert.deepEqual([part(pin).value, part(trouble).textContent, done], ["", "Code incorrect", []]);
    assert.equal(said.length, 2);
  });

  test(`${key}: silence is never taken for done, and an alert that is another is asked for`, async () => {
    begins(key);
    types(pin, "4711");
    part(form).gets("submit");
    await answers(SILENCE);
    assert.match(part(trouble).textContent, /^Pas (envoyé|fait : Paul)$/);
    assert.deepEqual(done, []);

    types(pin, "4711");
    part(form).gets("submit");
    await answers({ status: 409, code: "other_alert" });
    assert.deepEqual(done, ["look"]);
  });

  test(`${key}: a second tap, before anything is typed, is no wrong code`, async () => {
    begins(key);
    types(pin, " ");
    part(form).gets("submit");
    await answers(SILENCE);

    assert.deepEqual(said, []);
  });
}

test("an end that comes after she closed the dialog is the end all the same", async () => {
  begins("end");
  types("pin", "4711");
  part("closing-form").gets("submit");
  part("closing").close();
  await answers({ status: 200, body: { state: "closed" } });

  assert.deepEqual(done, ["closed a"]);
});

test("who is taken out is named, and done is said once the service has said it", async () => {
  begins("remove");
  assert.equal(part("removing-name").textContent, "Retirer Paul");
  assert.deepEqual([part("removing-who").hidden, part("removing-form").hidden, part("removing-done").hidden], [true, false, true]);
  types("removing-pin", "4711");
  part("removing-form").gets("submit");
  await answers({ status: 200, body: { state: "cut_off" } });

  assert.deepEqual(said, [{ alert: "a", contact: 2, pin: "4711" }]);
  assert.deepEqual([part("removing-form").hidden, part("removing-done").hidden, done], [true, false, ["Paul out of a"]]);
  assert.equal(part("removing-pin").value, "", "her code stays nowhere");
});
