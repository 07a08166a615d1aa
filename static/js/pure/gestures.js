/**
 * Which gesture a hand made: pointer events in, gestures out, no clock of its own.
 *
 * A tap may be slow (anything shorter than a long press) and may drift, because a frightened hand does both. A single
 * tap waits a moment for the second; a long press counts while the finger is still down. In doubt the tap counts.
 */

export const LONG_MS = 900;
export const SECOND_TAP_MS = 350;
export const DRIFT_PX = 40;

/** @returns {Hand} */
export function still() {
  return { phase: "idle", taps: 0, pointer: -1, x: 0, y: 0, t: 0 };
}

/**
 * When the hand's present phase ends by itself.
 * @param {Hand} hand
 * @returns {number | null}
 */
function deadline(hand) {
  if (hand.phase === "pressed") {
    return hand.t + LONG_MS;
  }
  return hand.phase === "waiting" || hand.phase === "settling" ? hand.t + SECOND_TAP_MS : null;
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
  return { hand: still(), gestures: hand.phase === "waiting" ? ["single"] : [] };
}

/**
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {Hand}
 */
function pressed(hand, event) {
  if (hand.phase === "pressed" && hand.pointer !== event.pointer) {
    return hand; // the rest of the palm
  }
  const taps = hand.phase === "waiting" || hand.phase === "settling" ? hand.taps : 0;
  return { phase: "pressed", taps, pointer: event.pointer, x: event.x, y: event.y, t: event.t };
}

/**
 * The finger left: a first tap waits for a second, a second makes two, more taps of a panicked hand change nothing.
 * @param {Hand} hand
 * @param {number} t
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function released(hand, t) {
  const taps = hand.taps + 1;
  const phase = taps === 1 ? "waiting" : "settling";
  return { hand: { ...hand, phase, taps, t }, gestures: taps === 2 ? ["double"] : [] };
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
 * What the finger that is down does next.
 * @param {Hand} hand
 * @param {Touched} event
 * @returns {{hand: Hand, gestures: Gesture[]}}
 */
function moved(hand, event) {
  if (event.kind === "up") {
    return released(hand, event.t);
  }
  if (event.kind === "cancel") {
    return abandoned(hand, still());
  }
  const far = Math.hypot(event.x - hand.x, event.y - hand.y) > DRIFT_PX;
  return far ? abandoned(hand, { ...hand, phase: "spent" }) : { hand, gestures: [] };
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
  if (hand.pointer !== event.pointer) {
    return { hand, gestures: [] };
  }
  if (hand.phase === "spent" && event.kind !== "move") {
    return { hand: still(), gestures: [] };
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
