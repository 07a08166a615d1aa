import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Button } from "../../static/js/parts/phone/button.js";
import "./bluetooth.fake.js";

let clock = 0;
/** @type {any} */
let radio;
/** @type {Gesture[]} */
let made = [];
/** @type {KeptButton | null} */
let kept = null;

/** @type {Button[]} */
let buttons = [];

function itsButton() {
  const button = new Button({
    bluetooth: radio,
    now: () => clock,
    made: (gesture) => made.push(gesture),
    changed: () => {},
    keep: (found) => {
      kept = found;
    },
  });
  buttons.push(button);
  return button;
}

/** What is promised already, happens. */
async function settle() {
  for (let turn = 0; turn < 200; turn += 1) {
    await null;
  }
}

/** @param {number} milliseconds */
async function pass(milliseconds) {
  clock += milliseconds;
  mock.timers.tick(milliseconds);
  await settle();
}

async function joined() {
  const button = itsButton();
  await button.choose();
  await settle();
  assert.equal(button.state.standing, "in");
  return button;
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  radio = new /** @type {any} */ (globalThis).FakeRadio();
  clock = 0;
  made = [];
  kept = null;
});

afterEach(async () => {
  await Promise.all(buttons.map((button) => button.forget())); // or it would be looked for as long as node runs
  buttons = [];
  await settle();
  mock.timers.reset();
});

test("a button that she chose is heard, and its battery read", async () => {
  const button = await joined();
  assert.equal(button.state.battery, 83);
  assert.deepEqual(kept, { id: radio.tag.id, name: radio.tag.name, releases: false });

  radio.tag.press();
  await pass(300);
  radio.tag.press();
  assert.deepEqual(made, ["double"]);
  await pass(2000);
  radio.tag.press();
  await pass(1000);
  assert.deepEqual(made, ["double", "single"]);
});

test("presses of a gesture that is half made can be dropped, and the next one counts anew", async () => {
  const button = await joined();
  radio.tag.press();
  button.drop();
  await pass(1000);
  assert.deepEqual(made, []);

  radio.tag.press();
  await pass(1000);
  assert.deepEqual(made, ["single"]);
});

test("it is told not to beep when it loses the telephone", async () => {
  await joined();
  radio.tag.walksAway();
  assert.deepEqual([radio.tag.written, radio.tag.beeps], [[[0]], 0]);
});

test("a lost button is looked for until it is back, and then heard once for each press", async () => {
  const button = await joined();
  radio.tag.walksAway();
  assert.equal(button.state.standing, "lost");
  const { since } = button.state;
  for (const seconds of [1, 1, 2, 4, 8, 15, 30, 30]) {
    await pass(seconds * 1000);
  }
  assert.equal(button.state.since, since, "lost since it was lost, not since the last try");
  assert.ok(radio.tag.connects > 6 && radio.tag.connects < 12, "neither given up nor worn out");

  radio.tag.comesBack();
  await pass(30_000);
  assert.deepEqual([button.state.standing, button.state.since], ["in", null]);
  radio.tag.press();
  radio.tag.press();
  assert.deepEqual(made, ["double"]);
});

test("a button that shows itself again is joined at once", async () => {
  const button = await joined();
  radio.tag.walksAway();
  for (let tried = 0; tried < 8; tried += 1) {
    await pass(30_000);
  }
  radio.tag.comesBack();
  await settle();
  assert.equal(button.state.standing, "in");
});

test("a page that opens again finds its button without asking her", async () => {
  const button = itsButton();
  await button.find({ id: radio.tag.id, name: "iTAG", releases: true });
  assert.equal(button.state.standing, "in");
  radio.tag.press();
  await pass(1000);
  assert.deepEqual(made, ["long"], "and knows what it had learnt of it");
});

test("where the browser remembers no button she is asked to join it again", async () => {
  radio.remembers = false;
  const button = itsButton();
  await button.find({ id: radio.tag.id, name: "iTAG", releases: false });
  assert.equal(button.state.standing, "again");
  await button.choose();
  assert.equal(button.state.standing, "in");
});

test("who closes the list, or has no Bluetooth, reads why", async () => {
  const button = itsButton();
  radio.chosen = false;
  await button.choose();
  assert.deepEqual([button.state.standing, button.state.why], ["none", "none_chosen"]);
  radio.on = false;
  await button.choose();
  assert.deepEqual([button.state.standing, button.state.why], ["none", "refused"]);
});

test("who closes the list keeps the button that was joined before", async () => {
  const button = await joined();
  radio.chosen = false;
  await button.choose();
  assert.equal(button.state.standing, "in");
  radio.tag.press();
  radio.tag.press();
  assert.deepEqual(made, ["double"]);
});

test("a device without such keys is refused, not looked for for ever", async () => {
  radio.tag.services.delete(0xffe0);
  const button = itsButton();
  await button.choose();
  await settle();
  assert.deepEqual([button.state.standing, button.state.why, kept], ["none", "unfit", null]);
  await pass(60_000);
  assert.equal(radio.tag.connects, 1);
});

test("a tag without a battery service, or one that cannot be silenced, is heard all the same", async () => {
  radio.tag.services.delete(0x180f);
  radio.tag.services.delete(0x1802);
  const button = await joined();
  assert.equal(button.state.battery, null);
  radio.tag.press();
  radio.tag.press();
  assert.deepEqual(made, ["double"]);
});

test("a button that says when the finger leaves is remembered as such", async () => {
  await joined();
  radio.tag.says(0x01);
  radio.tag.says(0x00);
  assert.equal(kept?.releases, true);
});

test("a button that she uses no more is neither heard nor looked for", async () => {
  const button = await joined();
  await button.forget();
  radio.tag.press();
  radio.tag.press();
  await pass(60_000);
  assert.deepEqual([made, kept, radio.tag.connected, radio.tag.connects], [[], null, false, 1]);
});
