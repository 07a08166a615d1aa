/**
 * Which gesture a Bluetooth button made: its bytes in, gestures out, no clock of its own.
 *
 * An iTAG says 0x01 for each press on characteristic 0xFFE1 and nothing else; held down for long it switches itself off.
 * So its third press in a row is what a long press is elsewhere. Other buttons with the same service (the "simple keys"
 * of Texas Instruments) also say 0x00 when the finger leaves: once a button has said so, holding it down is a long
 * press. Nothing is counted twice and nothing is held back: a stronger gesture follows a weaker one that has left.
 */

export const KEYS = 0xffe0;
export const PRESSES = 0xffe1;
export const BATTERY = 0x180f;
export const BATTERY_LEVEL = 0x2a19;
/** Services by which a button beeps: at once, and when it loses the telephone. */
export const BEEPS = [0x1802, 0x1803];
export const BEEP_LEVEL = 0x2a06;

export const HELD_MS = 900;
/** Wider than on the surface: a radio that saves its battery hands presses over late, and several at once. */
export const AGAIN_MS = 900;
const LOW_PERCENT = 20;
const PAUSES_S = [0.5, 1, 2, 4, 8, 15, 30];

/**
 * @param {boolean} releases whether this button is known to tell when the finger leaves
 * @returns {ButtonHand}
 */
export function resting(releases) {
  return { presses: 0, at: 0, isDown: false, since: 0, isSpent: false, releases };
}

/**
 * What a notification means; null for one that means nothing.
 * @param {DataView | null | undefined} value
 * @returns {"press" | "release" | null}
 */
export function meaning(value) {
  if (!value || value.byteLength === 0) {
    return null;
  }
  return value.getUint8(0) === 0 ? "release" : "press";
}

/** @param {ButtonHand} hand whether the finger is known to be on it still */
function isHeld(hand) {
  return hand.isDown && hand.releases;
}

/**
 * @param {ButtonHand} hand
 * @returns {number | null}
 */
function deadline(hand) {
  if (isHeld(hand)) {
    return hand.isSpent ? null : hand.since + HELD_MS;
  }
  return hand.presses > 0 ? hand.at + AGAIN_MS : null;
}

/**
 * What passing time alone decides.
 * @param {ButtonHand} hand
 * @param {number} t
 * @returns {{hand: ButtonHand, gestures: Gesture[]}}
 */
function passed(hand, t) {
  const due = deadline(hand);
  if (due === null || t < due) {
    return { hand, gestures: [] };
  }
  if (isHeld(hand)) {
    return { hand: { ...hand, presses: 0, isSpent: true }, gestures: ["long"] };
  }
  return { hand: resting(hand.releases), gestures: hand.presses === 1 ? ["single"] : [] };
}

/**
 * @param {ButtonHand} hand
 * @param {"press" | "release" | "tick"} kind
 * @param {number} t
 * @returns {{hand: ButtonHand, gestures: Gesture[]}}
 */
function followed(hand, kind, t) {
  if (kind === "tick") {
    return { hand, gestures: [] };
  }
  if (kind === "release") {
    return { hand: { ...hand, isDown: false, isSpent: false, releases: true, at: t }, gestures: [] };
  }
  const presses = hand.presses + 1;
  const made = /** @type {Gesture[][]} */ ([[], [], ["double"], ["long"]])[presses] ?? [];
  return { hand: { ...hand, presses, at: t, isDown: true, since: t, isSpent: presses > 2 }, gestures: made };
}

/**
 * Feed one notification, or a tick at the time asked for by `wake`.
 * @param {ButtonHand} hand
 * @param {"press" | "release" | "tick"} kind
 * @param {number} t milliseconds on a clock that only moves forward
 */
export function feel(hand, kind, t) {
  const before = passed(hand, t);
  const after = followed(before.hand, kind, t);
  return { hand: after.hand, gestures: [...before.gestures, ...after.gestures], wake: deadline(after.hand) };
}

/**
 * Milliseconds before it is looked for again: soon at first, never given up.
 * @param {number} tried
 */
export function pause(tried) {
  return 1000 * (PAUSES_S[Math.min(tried, PAUSES_S.length - 1)] ?? 30);
}

/** @param {{battery: number | null}} state whether its battery should be changed */
export function isLow(state) {
  return state.battery !== null && state.battery <= LOW_PERCENT;
}
