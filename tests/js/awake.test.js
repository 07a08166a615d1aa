import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, settle } from "./page.fake.js";
import { stayAwake } from "../../static/js/parts/phone/awake.js";

test("however often the screen is asked to stay lit, one lock is held, and it is let go", async () => {
  let held = 0;
  const lock = () => {
    held += 1;
    return {
      released: false,
      release() {
        this.released = true;
        held -= 1;
      },
    };
  };
  stayAwake(true);
  stayAwake(true);
  stayAwake(true);
  assert.equal(browser.locks.length, 1);
  browser.locks[0](lock());
  await settle();
  stayAwake(true);
  assert.deepEqual([browser.locks.length, held], [1, 1]);
  stayAwake(false);
  assert.equal(held, 0);

  stayAwake(true);
  stayAwake(false);
  browser.locks[1](lock());
  await settle();
  assert.equal(held, 0, "the alert was over before the browser answered");
});
