/** Gestures tried without alerting anybody. It ends by itself: a page left in a rehearsal would answer a real one by nothing. */

export const IDLE_MS = 60_000;

/**
 * @param {number} now milliseconds on a clock that only moves forward
 * @returns {RehearsalState}
 */
export function begun(now) {
  return { until: now + IDLE_MS, last: null, made: { single: 0, double: 0, long: 0 } };
}

/**
 * @param {RehearsalState} state
 * @param {Gesture} gesture
 * @param {number} now
 * @returns {RehearsalState}
 */
export function tried(state, gesture, now) {
  return { until: now + IDLE_MS, last: gesture, made: { ...state.made, [gesture]: state.made[gesture] + 1 } };
}

/**
 * Whether nothing was tried for so long that the next gesture is meant.
 * @param {RehearsalState} state
 * @param {number} now
 */
export function isOver(state, now) {
  return now >= state.until;
}
