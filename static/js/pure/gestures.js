/**
 * Which gesture a hand made: pointer events in, gestures out, no clock of its own.
 *
 * A tap may be slow (anything shorter than a long press) and may drift, because a frightened hand does both, and more
 * so in a glove: its contact is wide, breaks for a moment and comes back, or is reported as two fingers. A single tap
 * waits a moment for the second; a long press counts while the finger is still down. In doubt the tap counts.
 */

export const LONG_MS = 900;
export const SECOND_TAP_MS = 500;
/** A centimetre. */
export const DRIFT_PX = 64;
/** Two fingers nearer than this are one glove. */
export const TOUCHING_PX = 96;
/**
 * A finger needs longer than this to come back (Android's DOUBLE_TAP_MIN_TIME), a screen no less than the other to
 * report anything: what lies between them is a contact that broke, unless both contacts were far too short for a glove.
 */
const BROKEN_MS = { from: 4, to: 40 };
const HELD_MS = 50;

/** @returns {Hand} */
export function still() {
  return { phase: "idle", taps: 0, counted: false, broken: false, pointer: -1, x: 0, y: 0, t: 0, since: 0, others: [] };
}

/**
 * When the hand's present phase ends by itself.
 * @param {Hand} hand
 * @returns {number | null}
 */
function deadline(hand) {
  if (hand.phase === "pressed") {
    return hand.since + LONG_MS;
  }
  return isBetween(hand) ? hand.t + SECOND_TAP_MS : null;
}

/** @param {Hand} hand whether it just tapped, and may tap again */
function isBetween(hand) {
  return hand.phase === "waiting" || hand.phase === "settling";
}

/**
 * What passing time alone decides.
 * @param {Hand} hand
 * @param {number} t
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function passed(hand, t) {
  const due = deadline(hand);
  if (due === null || t < due) {
    return { hand, gestures: [] };
  }
  if (hand.phase === "pressed") {
    return { hand: { ...hand, phase: "spent" }, gestures: ["long"] };
  }
  return { hand: { ...still(), others: hand.others }, gestures: hand.phase === "waiting" ? ["single"] : [] };
}

/**
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {Hand}
 */
function pressed(hand, event) {
  const { pointer, x, y, t } = event;
  if (hand.phase === "pressed" && hand.pointer !== pointer) {
    return { ...hand, others: [...hand.others, { pointer, x, y }] }; // the palm, or the other half of a glove
  }
  if (hand.phase === "over" && t - hand.t < BROKEN_MS.to) {
    return { ...hand, phase: "spent", pointer }; // what was told already, or was none, goes on
  }
  /** @type {Hand} */
  const begun = { ...hand, phase: "pressed", counted: false, broken: false, pointer, x, y, t, since: t };
  return isBetween(hand) ? again(hand, begun) : { ...begun, taps: 0 };
}

/**
 * Down once more after a tap: another one, or the same that goes on.
 * @param {Hand} hand
 * @param {Hand} begun
 * @returns {Hand}
 */
function again(hand, begun) {
  const gap = begun.t - hand.t;
  const broken = gap >= BROKEN_MS.from && gap < BROKEN_MS.to;
  const goesOn = broken && hand.t - hand.since >= HELD_MS;
  return { ...begun, broken, counted: goesOn, since: goesOn ? hand.since : begun.t };
}

/**
 * The finger left: a first tap waits for a second, a second makes two, more taps of a panicked hand change nothing.
 * @param {Hand} hand
 * @param {number} t
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function released(hand, t) {
  const goesOn = hand.counted || (hand.broken && t - hand.t >= HELD_MS);
  const taps = goesOn ? hand.taps : hand.taps + 1;
  const phase = taps === 1 ? "waiting" : "settling";
  return { hand: { ...hand, phase, taps, t }, gestures: taps === 2 && !goesOn ? ["double"] : [] };
}

/**
 * The press became something else (a slide, a call coming in): a tap made before it still counts.
 * @param {Hand} hand
 * @param {Hand} next
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function abandoned(hand, next) {
  return { hand: next, gestures: hand.taps === 1 ? ["single"] : [] };
}

/**
 * The finger that was down is no more; another one beside it is the same glove, and presses on.
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function lifted(hand, event) {
  const near = hand.others.find(({ x, y }) => Math.hypot(x - event.x, y - event.y) < TOUCHING_PX);
  if (near) {
    return { hand: { ...hand, ...near, others: hand.others.filter((other) => other !== near) }, gestures: [] };
  }
  return event.kind === "up" ? released(hand, event.t) : abandoned(hand, still());
}

/**
 * What the finger that is down does next.
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function moved(hand, event) {
  if (event.kind !== "move") {
    return lifted(hand, event);
  }
  const far = Math.hypot(event.x - hand.x, event.y - hand.y) > DRIFT_PX;
  return far ? abandoned(hand, { ...hand, phase: "spent" }) : { hand, gestures: [] };
}

/**
 * A finger that is not the one that presses.
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {Hand}
 */
function beside(hand, { kind, pointer, x, y }) {
  const rest = hand.others.filter((other) => other.pointer !== pointer);
  if (rest.length === hand.others.length) {
    return hand;
  }
  return { ...hand, others: kind === "move" ? [...rest, { pointer, x, y }] : rest };
}

/**
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function followed(hand, event) {
  if (event.kind === "down") {
    return { hand: pressed(hand, event), gestures: [] };
  }
  if (event.kind === "tick" || hand.pointer !== event.pointer) {
    return { hand: beside(hand, event), gestures: [] };
  }
  if (hand.phase === "spent" && event.kind !== "move") {
    return { hand: { ...still(), phase: "over", t: event.t }, gestures: [] };
  }
  return hand.phase === "pressed" ? moved(hand, event) : { hand, gestures: [] };
}

/**
 * Feed one event, or a tick at the time asked for by `wake`.
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {Felt}
 */
export function feel(hand, event) {
  const before = passed(hand, event.t);
  const after = followed(before.hand, event);
  return { hand: after.hand, gestures: [...before.gestures, ...after.gestures], wake: deadline(after.hand) };
}
