// Who sits in the room, as tiles; who came and went, said once; whether our own seat is still ours.

const GRACE = 8000; // milliseconds: after a server's restart everybody comes back, and nobody wants to hear it

/**
 * Everybody with a seat, the reader last.
 * @param {LiveSnapshot} state
 * @param {RoomSeat[]} seats
 * @returns {RoomTile[]}
 */
export function tiles(state, seats) {
  const all = seats.map((seat) => ({
    ...(seat.her ? { key: "her", name: state.victim.name, role: "doing_her", you: false } : relative(state, seat)),
    seat: seat.seat,
    taking: seat.taking,
    state: seat.state,
    hears: seat.hears,
    audio: seat.publishes.includes("audio"),
    video: seat.publishes.includes("video"),
  }));
  return [...all.filter((tile) => !tile.you), ...all.filter((tile) => tile.you)];
}

/**
 * @param {LiveSnapshot} state
 * @param {RoomSeat} seat
 */
function relative(state, seat) {
  const person = state.responders.find((one) => one.contact === seat.contact);
  return { key: String(seat.contact), name: person?.name ?? "", role: roleOf(person), you: person?.you ?? false };
}

/**
 * What somebody does, if anything was said.
 * @param {LiveResponder | undefined} person
 */
function roleOf(person) {
  if (person?.in_charge) {
    return "doing_in_charge";
  }
  return person?.role ? `doing_${person.role}` : "";
}

/**
 * Who is new and who is gone for good since the last look. The first look says nothing.
 * @param {RoomMemory | null} memory
 * @param {RoomTile[]} present
 * @param {number} now milliseconds
 * @returns {{ memory: RoomMemory, came: string[], went: string[] }}
 */
export function comings(memory, present, now) {
  const others = present.filter((tile) => !tile.you).map((tile) => tile.key);
  if (memory === null) {
    return { memory: { known: new Set(others), missing: new Map() }, came: [], went: [] };
  }
  const here = new Set(others);
  const missing = new Map([...memory.missing].filter(([key]) => !here.has(key)));
  [...memory.known].filter((key) => !here.has(key) && !missing.has(key)).forEach((key) => missing.set(key, now));
  const went = [...missing].filter(([, since]) => now - since >= GRACE).map(([key]) => key);
  went.forEach((key) => missing.delete(key));
  const known = new Set([...memory.known, ...others].filter((key) => !went.includes(key)));
  return { memory: { known, missing }, came: others.filter((key) => !memory.known.has(key)), went };
}

/**
 * Whose is the seat that this page took?
 * @param {RoomLine | null} line
 * @param {{ me: number | null, taking: string, former: Set<string> }} own
 * @returns {"ours" | "lost" | "replaced" | "unknown"} unknown while the media process does not answer
 */
export function standing(line, own) {
  if (!line?.up) {
    return "unknown";
  }
  const seat = line.seats.find((one) => one.contact === own.me);
  if (seat?.taking === own.taking) {
    return "ours";
  }
  return seat && !own.former.has(seat.taking) ? "replaced" : "lost";
}

/**
 * Milliseconds before the next attempt to sit down; everybody of an alert is back within five seconds of a restart.
 * @param {number} failures
 * @param {number} retryAfter seconds that the server asked for
 * @param {() => number} random from 0 to 1
 */
export function pause(failures, retryAfter, random) {
  const steps = [0, 400, 800, 1500, 3000, 5000];
  const step = steps[Math.min(failures, steps.length - 1)] ?? 0;
  return Math.round(Math.max(step, failures > 0 ? retryAfter * 1000 : 0) * (0.8 + random() * 0.4));
}

const VERDICTS = new Map([
  ["room_full", "full"], ["ended", "over"], ["not_found", "over"], ["forbidden", "over"],
  ["no_open_alert", "over"], ["unauthorized", "over"],
  ["bad_answer", "bad"], ["invalid", "bad"], ["too_large", "bad"], ["no_seat", "gone"],
]);

/**
 * What a refusal of the service means: an end, an answer it did not like, a seat that is no longer ours, or wait.
 * @param {number} status
 * @param {string} code
 * @returns {"full" | "over" | "bad" | "gone" | "away"}
 */
export function verdict(status, code) {
  const said = status >= 400 && status < 500 ? VERDICTS.get(code) : undefined;
  return /** @type {"full" | "over" | "bad" | "gone"} */ (said) ?? "away";
}

/**
 * What a refusal of the browser is called.
 * @param {"microphone" | "camera"} what
 * @param {unknown} error by its name (Media Capture and Streams, 10.2); a browser without devices has no name for it
 */
export function refusal(what, error) {
  const name = error instanceof Error ? error.name : "";
  if (["NotFoundError", "OverconstrainedError", "TypeError"].includes(name)) {
    return `${what}_absent`;
  }
  return ["NotReadableError", "AbortError"].includes(name) ? `${what}_busy` : `${what}_refused`;
}
