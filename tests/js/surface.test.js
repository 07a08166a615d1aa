import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { page } from "./page.fake.js";
import { Rehearsal } from "../../static/js/parts/phone/rehearsal.js";
import { listen } from "../../static/js/parts/phone/surface.js";

globalThis.scrollTo = () => undefined;
const surface = page.getElementById("surface");
/** @type {string[]} */
const made = [];
const rehearsal = new Rehearsal(() => undefined, () => drop());
const drop = listen(surface, (gesture) => made.push(rehearsal.takes(gesture) ? "tried" : gesture));

function tap() {
  for (const kind of ["pointerdown", "pointerup"]) {
    surface.dispatchEvent(Object.assign(new Event(kind), { button: 0, pointerId: 1, clientX: 50, clientY: 50 }));
  }
}

test("a tap that was made in a rehearsal alerts nobody because she ended it at once", async () => {
  page.getElementById("rehearse").gets("click");
  tap();
  page.getElementById("rehearse-end").gets("click");
  await pause(700);
  assert.deepEqual(made, []);

  tap();
  await pause(700);
  assert.deepEqual(made, ["single"], "the next one is meant");
});
