// Who speaks, and how good the connection is, from numbers that the browser counts.

const AUDIBLE = 0.015; // of 1: quieter is breathing
const STILL = 900; // milliseconds without a word before the ring goes out
const STAYS = 2500; // the loudest changes no faster than eyes follow

const NOTHING_LOST = 0.03;
const MUCH_LOST = 0.12;
const FAR = 0.7; // seconds there and back
const TIMES_WORSE = 2;
const TIMES_BETTER = 3;

/** @returns {RoomVoices} */
export function silence() {
  return { heard: new Map(), speaking: new Set(), loudest: null, since: -Infinity };
}

/**
 * @param {RoomVoices} voices
 * @param {Map<number, number>} levels by seat, from 0 to 1
 * @param {number} now milliseconds
 * @returns {RoomVoices}
 */
export function listen(voices, levels, now) {
  const heard = new Map([...voices.heard].filter(([seat]) => levels.has(seat)));
  levels.forEach((level, seat) => {
    if (level >= AUDIBLE) {
      heard.set(seat, now);
    }
  });
  const speaking = new Set([...heard].filter(([, at]) => now - at <= STILL).map(([seat]) => seat));
  const strongest = [...levels].filter(([seat]) => speaking.has(seat)).sort((one, other) => other[1] - one[1])[0]?.[0];
  const keeps = voices.loudest !== null && levels.has(voices.loudest)
    && (strongest === undefined || strongest === voices.loudest || now - voices.since < STAYS);
  if (keeps) {
    return { heard, speaking, loudest: voices.loudest, since: voices.since };
  }
  return { heard, speaking, loudest: strongest ?? null, since: now };
}

/**
 * The connection between two counts.
 * @param {RoomCounts} before
 * @param {RoomCounts} after
 * @param {number[]} shown seats that send a picture
 * @returns {RoomQuality}
 */
export function quality(before, after, shown) {
  const lost = share(after.lost - before.lost, after.received - before.received);
  const concealed = part(after.concealed - before.concealed, after.samples - before.samples);
  const worst = Math.max(lost, concealed, after.missed);
  if (worst > MUCH_LOST) {
    return "bad";
  }
  const still = paused(before, after, shown);
  if (still.length > 0) {
    return still.length === shown.length ? "sound" : "some";
  }
  return worst > NOTHING_LOST || after.roundTrip > FAR ? "weak" : "good";
}

/**
 * Seats whose picture should move and does not.
 * @param {RoomCounts} before
 * @param {RoomCounts} after
 * @param {number[]} shown
 */
export function paused(before, after, shown) {
  return shown.filter((seat) => before.pictures.has(seat) && after.pictures.get(seat) === before.pictures.get(seat));
}

/**
 * @param {number} lost
 * @param {number} received
 */
function share(lost, received) {
  return part(Math.max(lost, 0), Math.max(lost, 0) + Math.max(received, 0));
}

/**
 * @param {number} some
 * @param {number} all
 */
function part(some, all) {
  return all > 0 ? some / all : 0;
}

const ORDER = ["good", "weak", "some", "sound", "bad"];

/**
 * What is said changes only after several observations that agree; sooner when it gets worse.
 * @param {RoomJudgement} judgement
 * @param {RoomQuality} seen
 * @returns {RoomJudgement}
 */
export function judge(judgement, seen) {
  const times = seen === judgement.seen ? judgement.times + 1 : 1;
  const enough = ORDER.indexOf(seen) > ORDER.indexOf(judgement.said) ? TIMES_WORSE : TIMES_BETTER;
  return { said: times >= enough ? seen : judgement.said, seen, times };
}
