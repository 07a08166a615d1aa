import assert from "node:assert/strict";
import { test } from "node:test";

import { again, alertOf, clickBody, covers, inOrder, pause, verdict } from "../../static/js/pure/clicks.js";

/** @type {Fix} */
const FIX = {
  id: "p", latitude: 49.4179, longitude: 2.8261, accuracy: 12, speed: null, heading: null, altitude: null, battery: 63,
  recorded_at: "2026-06-01T09:59:58Z",
};
const ALERT = { id: "a1", contacts: [] };
/**
 * @param {number} status
 * @param {{code?: string, body?: Record<string, unknown>}} [how]
 * @returns {Answer}
 */
const answer = (status, { code = "", body = {} } = {}) => ({ status, code, body, wait: 0 });
/**
 * @param {string} id
 * @param {string} clicked_at
 * @returns {PendingClick}
 */
const click = (id, clicked_at) => ({ id, gesture: "double", clicked_at, stale: false });

test("a click is tried again at once, then after longer and longer pauses, never more than about 15 s apart", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 100].map((tried) => pause(tried, 0.5)),
    [0, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  assert.equal(pause(3, 0), 3600);
  assert.equal(pause(3, 1), 4400);
});

test("a wait that the service asks for is respected, up to a minute", () => {
  assert.equal(pause(0, 0.5, 5), 5000);
  assert.equal(pause(0, 0.5, 86400), 60000);
});

test("only an answer with an alert is 'sent'", () => {
  assert.equal(verdict(answer(201, { body: { alert: ALERT } })), "sent");
  assert.equal(verdict(answer(200, { body: { alert: ALERT } })), "sent");
});

test("the page of a hotel's network is never taken for the service", () => {
  for (const status of [200, 201, 204, 302, 401, 403, 404, 409, 422, 511]) {
    assert.equal(verdict(answer(status)), "later", String(status));
  }
  assert.equal(verdict(answer(200, { body: { alert: null } })), "later");
  assert.equal(verdict(answer(200, { body: { alert: "yes" } })), "later");
});

test("silence, overload and failures are tried again", () => {
  for (const status of [0, 429, 500, 502, 503, 504]) {
    assert.equal(verdict(answer(status, { code: "busy" })), "later", String(status));
  }
});

test("a click too old, a credential revoked and a body refused are told apart", () => {
  assert.equal(verdict(answer(409, { code: "stale_click" })), "stale");
  assert.equal(verdict(answer(401, { code: "unauthorized" })), "unpaired");
  assert.equal(verdict(answer(422, { code: "invalid" })), "refused");
});

test("a click too many is neither sent nor on its way, and only the service's own word says so", () => {
  assert.equal(verdict(answer(429, { code: "too_many_clicks" })), "spare");
  assert.equal(verdict(answer(429, { code: "too_many_tries" })), "later");
  assert.equal(verdict(answer(429)), "later");
});

test("a click is let go only for an alert that runs for real and is at least as grave", () => {
  /** @type {PhoneAlert} */
  const rescue = {
    id: "a", kind: "rescue", state: "open", drill: false, opened_at: "", contacts: [], in_charge: null, nobody_reached: false,
  };
  const twice = click("c", "2026-06-01T10:00:00Z");
  assert.equal(covers(rescue, twice), true);
  assert.equal(covers(rescue, { ...twice, gesture: "single" }), true);
  assert.equal(covers({ ...rescue, kind: "alarm" }, { ...twice, gesture: "long" }), true);
  assert.equal(covers(rescue, { ...twice, gesture: "long" }), false);
  assert.equal(covers({ ...rescue, kind: "prevention" }, twice), false);
  assert.equal(covers({ ...rescue, drill: true }, twice), false);
  assert.equal(covers({ ...rescue, state: "closed" }, twice), false);
  assert.equal(covers(null, twice), false);
});

test("a click refused for its position leaves without it", () => {
  const now = { sentAt: "2026-06-01T10:00:01Z", position: FIX, battery: 63, bare: false };
  const full = clickBody(click("c", "2026-06-01T10:00:00Z"), now);
  assert.deepEqual(full, {
    id: "c", gesture: "double", clicked_at: "2026-06-01T10:00:00Z", sent_at: "2026-06-01T10:00:01Z",
    position: FIX, battery: 63,
  });
  const bare = clickBody(click("c", "2026-06-01T10:00:00Z"), { ...now, bare: true });
  assert.deepEqual([bare.id, bare.position, bare.battery], ["c", null, null]);
});

test("clicks leave in the order of her hand", () => {
  const clicks = [click("b", "2026-06-01T10:00:05.100Z"), click("c", "2026-06-01T10:01:00.000Z"), click("a", "2026-06-01T10:00:05.000Z")];
  assert.deepEqual(inOrder(clicks).map(({ id }) => id), ["a", "b", "c"]);
});

test("'send now' is another click, made now", () => {
  const old = { ...click("old", "2026-06-01T10:00:00Z"), stale: true };
  assert.deepEqual(again(old, { id: "new", now: "2026-06-01T11:00:00Z" }),
    { id: "new", gesture: "double", clicked_at: "2026-06-01T11:00:00Z", stale: false });
});

test("an alert is read only where there is one", () => {
  assert.equal(alertOf(answer(200, { body: { alert: ALERT } })), ALERT);
  assert.equal(alertOf(answer(200, { body: {} })), null);
});
