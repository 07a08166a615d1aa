// Actions that the service has not answered yet: what is kept of them, how an answer is read, when to try again.

const FIRST = 2000;
const LONGEST = 15_000;
const KEPT = 12 * 3_600_000; // milliseconds; no alert lasts longer
const MOST = 50;
const PASSING = new Set([408, 425, 429]); // the service is there and cannot now

/**
 * What an earlier page of this telephone could not send, the oldest first. Anything unreadable is nothing.
 * @param {string | null} text
 * @param {number} now milliseconds since 1970
 * @returns {LiveDeed[]}
 */
export function restored(text, now) {
  /** @type {unknown} */
  let kept;
  try {
    kept = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  return Array.isArray(kept) ? kept.filter((deed) => isDeed(deed) && Math.abs(now - Date.parse(deed.at)) < KEPT).slice(-MOST) : [];
}

/**
 * @param {unknown} deed
 * @returns {deed is LiveDeed}
 */
function isDeed(deed) {
  const { id, at, action } = /** @type {Record<string, unknown>} */ (deed ?? {});
  return typeof id === "string" && typeof at === "string" && typeof action === "string";
}

/**
 * Two lists as one, the oldest first, each action once: another tab of this browser may keep some too.
 * @param {LiveDeed[]} one
 * @param {LiveDeed[]} other
 * @returns {LiveDeed[]}
 */
export function together(one, other) {
  const known = new Map([...one, ...other].map((deed) => [deed.id, deed]));
  return [...known.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-MOST);
}

/**
 * @param {LiveDeed[]} deeds
 * @param {string} id
 * @returns {LiveDeed[]}
 */
export function without(deeds, id) {
  return deeds.filter((deed) => deed.id !== id);
}

/**
 * Whether an action is done with: the service took or refused it. Everything else is tried again, under the same id.
 * @param {number | null} status null where no answer came
 * @returns {boolean}
 */
export function isAnswered(status) {
  return status !== null && status < 500 && !PASSING.has(status);
}

/**
 * Milliseconds until the next attempt.
 * @param {number} failures in a row
 * @returns {number}
 */
export function patience(failures) {
  return Math.min(FIRST * 2 ** Math.max(failures - 1, 0), LONGEST);
}
