/** What becomes of a click between her hand and the service's answer. No clock, no network. */

const PAUSES_S = [0, 1, 2, 4, 8, 15];
/** @type {Record<Gesture, number>} */
const WANTED = { single: 0, double: 1, long: 2 };
/** @type {Record<PhoneAlert["kind"], number>} */
const GRAVITY = { prevention: 0, rescue: 1, alarm: 2 };
const OUR_FAULT = new Set([400, 409, 413, 415, 422]);

/**
 * Milliseconds before try number `tried` + 1: at once, then longer and longer up to 15 s, spread by a fifth so that
 * telephones that lost the network together do not come back together. A wait asked for by the service (seconds) counts.
 * @param {number} tried how many tries have failed
 * @param {number} chance 0 to 1
 * @param {number} [asked] seconds
 */
export function pause(tried, chance, asked = 0) {
  const seconds = PAUSES_S[Math.min(tried, PAUSES_S.length - 1)] ?? 15;
  return Math.round(1000 * Math.max(seconds * (0.9 + 0.2 * chance), Math.min(asked, 60)));
}

/**
 * What an answer to POST /clicks means. Only the service's own words count: a hotel's portal answers 200 too.
 * @param {Answer} answer
 * @returns {Verdict}
 */
export function verdict(answer) {
  const { status, code } = answer;
  if (status === 200 || status === 201) {
    return alertOf(answer) ? "sent" : "later";
  }
  return code === "" ? "later" : refusal(status, code);
}

/**
 * @param {number} status
 * @param {string} code
 * @returns {Verdict}
 */
function refusal(status, code) {
  if (status === 401) {
    return "unpaired";
  }
  if (code === "stale_click") {
    return "stale";
  }
  if (code === "too_many_clicks") {
    return "spare";
  }
  return OUR_FAULT.has(status) ? "refused" : "later";
}

/**
 * Whether this alert makes a click superfluous: it runs for real, and is at least as grave as what her hand asked for.
 * @param {PhoneAlert | null} alert
 * @param {PendingClick} click
 */
export function covers(alert, click) {
  return alert !== null && alert.state === "open" && !alert.drill && GRAVITY[alert.kind] >= WANTED[click.gesture];
}

/**
 * The alert in an answer, or null.
 * @param {Answer} answer
 * @returns {PhoneAlert | null}
 */
export function alertOf(answer) {
  const found = /** @type {Partial<PhoneAlert> | null | undefined} */ (answer.body["alert"]);
  return found && typeof found.id === "string" && Array.isArray(found.contacts)
    ? /** @type {PhoneAlert} */ (found)
    : null;
}

/**
 * The body of POST /clicks. `bare` leaves out what could make the service refuse it: the click matters more.
 * @param {PendingClick} click
 * @param {{sentAt: string, position: Fix | null, battery: number | null, bare: boolean}} now
 */
export function clickBody(click, { sentAt, position, battery, bare }) {
  return {
    id: click.id,
    gesture: click.gesture,
    clicked_at: click.clicked_at,
    sent_at: sentAt,
    position: bare ? null : position,
    battery: bare ? null : battery,
  };
}

/**
 * In the order of her hand.
 * @param {Iterable<PendingClick>} clicks
 */
export function inOrder(clicks) {
  return [...clicks].sort((one, other) => one.clicked_at.localeCompare(other.clicked_at));
}

/**
 * She said "send now": another click, made now.
 * @param {PendingClick} click
 * @param {{id: string, now: string}} fresh
 * @returns {PendingClick}
 */
export function again(click, { id, now }) {
  return { id, gesture: click.gesture, clicked_at: now, stale: false };
}
