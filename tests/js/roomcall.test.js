import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Call } from "../../static/js/parts/roomcall.js";
import { FakeDesk } from "./room.fake.js";

/** @type {FakeDesk} */
let desk;
/** @type {Call} */
let call;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 0.5);
  desk = new FakeDesk();
  call = new Call(desk.around);
});

/** Let every promise that waits have its turn. */
async function settle() {
  for (let turn = 0; turn < 30; turn += 1) {
    await Promise.resolve();
  }
}

/** @param {number} milliseconds */
async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  await settle();
}

/** Nadia talks. */
async function connected() {
  await call.start();
  desk.peer.becomes("connected");
  call.hear(desk.line());
  await settle();
}

test("one tap takes a seat, answers once and sends nothing but her voice", async () => {
  await connected();
  assert.deepEqual(desk.asked, ["POST /room", "PUT /room/0"]);
  assert.deepEqual(desk.peer.sends, { a0: "voice", v0: null });
  assert.deepEqual(desk.states, ["joining", "in"]);
});

test("of the others it takes what is heard or seen here, and nothing else", async () => {
  await connected();
  assert.equal(desk.peer.takes.length, 14);
  desk.hears = ["audio"];
  call.anew();
  await settle();
  assert.deepEqual(desk.peer.takes, ["a1", "a2", "a3", "a4", "a5", "a6", "a7"]);
  desk.hears = [];
  call.anew();
  await settle();
  assert.deepEqual(desk.peer.takes, []);
  assert.deepEqual(desk.peer.sends, { a0: "voice", v0: null });
  assert.deepEqual(desk.states, ["joining", "in"]);
});

test("the camera is sent on the line that waits for it, within the limit, without another word", async () => {
  await connected();
  desk.tracks = { audio: "voice", video: "face" };
  call.apply();
  assert.deepEqual(desk.peer.sends, { a0: "voice", v0: "face" });
  assert.equal(desk.peer.lines[1]?.sender.limit, 600_000);
  assert.equal(desk.asked.length, 2);
});

test("who is muted sends nothing", async () => {
  await connected();
  desk.tracks = { audio: null, video: null };
  call.apply();
  assert.deepEqual(desk.peer.sends, { a0: null, v0: null });
});

test("a connection that broke is a new seat with the same voice and the same face", async () => {
  await connected();
  desk.tracks = { audio: null, video: "face" };
  const first = desk.peer;
  first.becomes("failed");
  await pass(1);
  desk.peer.becomes("connected");
  assert.ok(first.closed);
  assert.equal(desk.peers.length, 2);
  assert.deepEqual(desk.peer.sends, { a0: null, v0: "face" });
  assert.deepEqual(desk.states, ["joining", "in", "again", "in"]);
});

test("a telephone between two networks has three seconds to find its way back", async () => {
  await connected();
  desk.peer.becomes("disconnected");
  await pass(2900);
  assert.equal(desk.peers.length, 1);
  desk.peer.becomes("connected");
  await pass(5000);
  assert.equal(desk.peers.length, 1);
  desk.peer.becomes("disconnected");
  await pass(3100);
  assert.equal(desk.peers.length, 2);
});

test("after a server's restart everybody sits down again at once, before the connection notices", async () => {
  await connected();
  call.hear({ up: false, seats: [] });
  await pass(2000);
  assert.equal(desk.peers.length, 1);
  call.hear(desk.line(null));
  await pass(1);
  assert.equal(desk.peers.length, 2);
});

test("a snapshot that was read before the seat was taken throws nobody out", async () => {
  await connected();
  const thomas = { ...desk.line("other"), seats: [{ ...desk.line().seats[0], contact: 2 }] };
  call.hear(/** @type {RoomLine} */ (thomas));
  call.hear(desk.line());
  await pass(1000);
  assert.equal(desk.peers.length, 1);
  assert.equal(call.state, "in");
});

test("while the room is away the page tries again, and at once when it is there", async () => {
  desk.answers = [{ status: 503, code: "room_away", retryAfter: 1 }, { status: 0 }, { status: 503, retryAfter: 1 }];
  await call.start();
  call.hear({ up: false, seats: [] });
  assert.deepEqual(desk.states, ["joining", "away"]);
  await pass(1);
  await pass(1000);
  assert.equal(desk.asked.length, 3);
  call.hear({ up: true, seats: [] });
  await settle();
  assert.deepEqual(desk.asked.slice(3), ["POST /room", "PUT /room/0"]);
});

test("a network that lets nothing through is said, and tried again", async () => {
  await call.start();
  await pass(12_100);
  assert.deepEqual(desk.states, ["joining", "blocked"]);
  await pass(10);
  assert.equal(desk.peers.length, 2);
});

test("a full room, the end of the alert and a foreign page end it", async () => {
  for (const [status, code, state] of /** @type {const} */ ([[409, "room_full", "full"], [409, "ended", "over"], [404, "not_found", "over"]])) {
    desk = new FakeDesk();
    call = new Call(desk.around);
    desk.answers = [{ status, code }];
    await call.start();
    await pass(60_000);
    assert.equal(desk.states.at(-1), state);
    assert.equal(desk.asked.length, 1);
  }
});

test("a seat that this page took without hearing so is its own, also when the news of it comes late", async () => {
  await connected();
  call.hear(desk.line("an answer that got lost on the way"));
  await pass(300);
  call.hear(desk.line());
  await pass(60_000);
  assert.equal(desk.states.at(-1), "in");
});

test("who speaks from another telephone is not pulled back and forth", async () => {
  await connected();
  call.hear(desk.line("of the other telephone"));
  await pass(60_000);
  assert.equal(desk.states.at(-1), "replaced");
  assert.equal(desk.peers.length, 1);
  assert.ok(!desk.asked.some((one) => one.startsWith("DELETE")));
});

test("a browser that cannot read the offer gives up after three times", async () => {
  desk.offer = "something else";
  await call.start();
  await pass(1000);
  await pass(5000);
  await pass(60_000);
  assert.equal(desk.states.at(-1), "unable");
  assert.equal(desk.peers.length, 3);
});

test("who hangs up frees the seat, also one that was given too late", async () => {
  await connected();
  call.leave();
  assert.equal(desk.asked.at(-1), "DELETE /room/0");
  assert.ok(desk.peer.closed);

  const other = new FakeDesk();
  const late = new Call(other.around);
  const joining = late.start();
  late.leave();
  await joining;
  await settle();
  assert.deepEqual(other.asked, ["POST /room", "DELETE /room/0"]);
});

test("the relays' credentials are renewed before they end", async () => {
  await connected();
  await pass(240_000);
  assert.deepEqual(desk.peer.configuration.iceServers, [{ urls: "turn:relay" }]);
  await pass(240_000);
  assert.equal(desk.asked.filter((one) => one === "GET /room").length, 2);
});

test("when the network is back nobody waits for the next attempt", async () => {
  desk.answers = [{ status: 0 }, { status: 0 }, { status: 0 }, { status: 0 }, { status: 0 }];
  await call.start();
  for (const wait of [1, 500, 900, 1700]) {
    await pass(wait);
  }
  assert.equal(desk.asked.length, 5);
  call.wake();
  await settle();
  assert.equal(desk.asked.at(-1), "PUT /room/0");
});
