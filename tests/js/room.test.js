import assert from "node:assert/strict";
import { test } from "node:test";

import { talking } from "../../static/js/pure/alert.js";
import { fit, grid } from "../../static/js/pure/roomgrid.js";
import { comings, pause, refusal, standing, tiles, verdict } from "../../static/js/pure/roomseats.js";
import { judge, listen, paused, quality, silence } from "../../static/js/pure/roomsound.js";
import { together } from "../../static/js/pure/wording.js";

const WORDS = { list_two: "{one} et {two}", list_more: "{names} et {n} autres" };

/** @type {(contact: number, name: string, more?: Partial<LiveResponder>) => LiveResponder} */
const person = (contact, name, more = {}) => (
  { contact, name, you: false, opened: true, in_charge: false, in_charge_by: null, role: null, position: null, ...more }
);
/** @type {(seat: number, contact: number | null, more?: Partial<RoomSeat>) => RoomSeat} */
const seat = (number, contact, more = {}) => (
  { seat: number, contact, her: contact === null, state: "connected", publishes: ["audio"], hears: true, taking: `t${number}`, ...more }
);

/**
 * @param {RoomSeat[]} seats
 * @returns {LiveSnapshot}
 */
function rescue(seats) {
  return {
    server_now: "", sequence: 1, victim: { name: "Marie", phone_allowed: false }, position: null, track: [],
    alert: { kind: "rescue", state: "open", ended: false, drill: false, opened_at: "" },
    responders: [person(1, "Nadia", { you: true, in_charge: true, role: "go" }), person(2, "Thomas", { role: "children" }), person(3, "Awa")],
    in_charge: "Nadia", calls: [], room: { up: true, seats }, timeline: [],
  };
}

test("who has not joined reads who talks", () => {
  assert.deepEqual(talking(rescue([seat(1, 2), seat(6, null), seat(0, 1)])), ["Thomas", "Marie"]);
  assert.equal(together(WORDS, ["Nadia"]), "Nadia");
  assert.equal(together(WORDS, ["Nadia", "Thomas"]), "Nadia et Thomas");
  assert.equal(together(WORDS, ["Nadia", "Thomas", "Awa"]), "Nadia, Thomas et Awa");
  assert.equal(together(WORDS, ["Nadia", "Thomas", "Awa", "Yann"]), "Nadia, Thomas et 2 autres");
});

test("a tile says who it is and what she does, the reader's stands last", () => {
  const shown = tiles(rescue([]), [seat(0, 1), seat(1, 2, { publishes: ["video"] }), seat(6, null, { state: "joining" })]);
  assert.deepEqual(shown.map(({ name, role, you }) => [name, role, you]), [
    ["Thomas", "doing_children", false], ["Marie", "doing_her", false], ["Nadia", "doing_in_charge", true],
  ]);
  assert.deepEqual(shown.map(({ audio, video, state }) => [audio, video, state]), [
    [false, true, "connected"], [true, false, "joining"], [true, false, "connected"],
  ]);
});

test("coming and going is said once, and not after everybody's restart", () => {
  const [thomas, awa] = tiles(rescue([]), [seat(1, 2), seat(2, 3)]);
  assert.ok(thomas && awa);
  const first = comings(null, [thomas], 0);
  assert.deepEqual([first.came, first.went], [[], []]);
  const second = comings(first.memory, [thomas, awa], 1000);
  assert.deepEqual([second.came, second.went], [["3"], []]);
  const restarted = comings(second.memory, [], 2000);
  const back = comings(restarted.memory, [thomas, awa], 6000);
  assert.deepEqual([back.came, back.went], [[], []]);
  const gone = comings(comings(back.memory, [awa], 7000).memory, [awa], 16_000);
  assert.deepEqual([gone.came, gone.went], [[], ["2"]]);
  assert.deepEqual(comings(gone.memory, [awa], 17_000).went, []);
  assert.deepEqual(comings(gone.memory, [awa, thomas], 18_000).came, ["2"]);
});

test("a seat is ours, lost, taken over, or nobody knows", () => {
  const own = { me: 1, taking: "t0", former: new Set(["old"]) };
  const line = (/** @type {RoomSeat[]} */ ...seats) => ({ up: true, seats });
  assert.equal(standing(line(seat(0, 1), seat(1, 2)), own), "ours");
  assert.equal(standing(line(seat(1, 2)), own), "lost");
  assert.equal(standing(line(seat(0, 1, { taking: "old" })), own), "lost");
  assert.equal(standing(line(seat(0, 1, { taking: "new" })), own), "replaced");
  assert.equal(standing({ up: false, seats: [] }, own), "unknown");
  assert.equal(standing(null, own), "unknown");
});

test("everybody is back within five seconds, and a broken room is not stormed", () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((failures) => pause(failures, 0, () => 0.5));
  assert.deepEqual(waits, [0, 400, 800, 1500, 3000, 5000, 5000]);
  assert.equal(pause(1, 4, () => 0.5), 4000);
  assert.equal(new Set(Array.from({ length: 100 }, () => pause(3, 0, Math.random))).size > 50, true);
});

test("every refusal has its sentence", () => {
  const named = (/** @type {string} */ name) => Object.assign(new Error(""), { name });
  assert.equal(refusal("microphone", named("NotAllowedError")), "microphone_refused");
  assert.equal(refusal("microphone", new TypeError("no mediaDevices")), "microphone_absent");
  assert.equal(refusal("camera", named("NotFoundError")), "camera_absent");
  assert.equal(refusal("camera", named("NotReadableError")), "camera_busy");
  assert.equal(verdict(409, "room_full"), "full");
  assert.equal(verdict(409, "ended"), "over");
  assert.equal(verdict(404, "no_seat"), "gone");
  assert.equal(verdict(422, "bad_answer"), "bad");
  assert.equal(verdict(503, "room_away"), "away");
  assert.equal(verdict(0, ""), "away");
});

test("tiles are as large as the screen allows, from one to eight", () => {
  const phone = { width: 386, height: 260 };
  const desk = { width: 760, height: 520 };
  const columns = (/** @type {typeof phone} */ room, /** @type {number[]} */ pictures = []) => (
    [1, 2, 3, 4, 5, 6, 7, 8].map((count) => grid(count, room, pictures).columns)
  );
  assert.deepEqual(columns(phone), [1, 2, 2, 2, 3, 3, 3, 3]);
  assert.deepEqual(columns(desk), [1, 2, 2, 2, 3, 3, 3, 3]);
  assert.equal(grid(2, desk, [16 / 9, 16 / 9]).columns, 1);
  assert.equal(grid(2, phone, [9 / 16, 9 / 16]).columns, 2);
  for (let count = 0; count <= 8; count += 1) {
    const made = grid(count, phone);
    assert.ok(made.columns * made.rows >= count);
  }
});

test("a picture fills its tile unless too much of the face would be lost", () => {
  assert.equal(fit(16 / 9, 4 / 3), "cover");
  assert.equal(fit(9 / 16, 16 / 9), "contain");
  assert.equal(fit(Number.NaN, 1), "cover");
});

test("the ring follows who speaks, the small picture does not jump", () => {
  let voices = listen(silence(), new Map([[0, 0.3], [1, 0.001]]), 0);
  assert.deepEqual([...voices.speaking], [0]);
  assert.equal(voices.loudest, 0);
  voices = listen(voices, new Map([[0, 0], [1, 0.4]]), 500);
  assert.deepEqual([...voices.speaking].sort(), [0, 1]);
  assert.equal(voices.loudest, 0);
  voices = listen(voices, new Map([[0, 0], [1, 0.4]]), 3000);
  assert.deepEqual([...voices.speaking], [1]);
  assert.equal(voices.loudest, 1);
  voices = listen(voices, new Map([[0, 0], [1, 0]]), 9000);
  assert.equal(voices.speaking.size, 0);
  assert.equal(voices.loudest, 1);
  assert.equal(listen(voices, new Map([[0, 0]]), 9250).loudest, null);
});

test("the connection is told in words that do not flicker", () => {
  /** @type {(more?: Partial<RoomCounts>) => RoomCounts} */
  const counts = (more = {}) => (
    { received: 0, lost: 0, concealed: 0, samples: 0, roundTrip: 0.05, missed: 0, own: 0, pictures: new Map(), ...more }
  );
  const flows = counts({ received: 1000, samples: 96_000, pictures: new Map([[1, 40], [2, 40]]) });
  const before = counts({ pictures: new Map([[1, 0], [2, 0]]) });
  assert.equal(quality(before, flows, [1, 2]), "good");
  assert.equal(quality(before, { ...flows, roundTrip: 1.2 }, [1, 2]), "weak");
  assert.equal(quality(before, { ...flows, lost: 60 }, [1, 2]), "weak");
  assert.equal(quality(before, { ...flows, pictures: new Map([[1, 0], [2, 40]]) }, [1, 2]), "some");
  assert.equal(quality(before, { ...flows, pictures: before.pictures }, [1, 2]), "sound");
  assert.equal(quality(before, { ...flows, concealed: 20_000 }, []), "bad");
  assert.equal(quality(before, before, []), "good");
  assert.deepEqual(paused(before, { ...flows, pictures: new Map([[1, 0], [2, 40]]) }, [1, 2]), [1]);

  let judgement = judge({ said: "good", seen: "good", times: 5 }, "sound");
  assert.equal(judgement.said, "good");
  judgement = judge(judgement, "sound");
  assert.equal(judgement.said, "sound");
  judgement = judge(judge(judgement, "good"), "good");
  assert.equal(judgement.said, "sound");
  assert.equal(judge(judgement, "good").said, "good");
});
