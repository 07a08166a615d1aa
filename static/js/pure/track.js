/** Fixes on their way to the service: which are kept, in what order, how many at a time. No clock, no network. */

export const BATCH = 500;
const REFUSALS = new Set([400, 413, 422]);

/**
 * @param {number | null | undefined} value
 * @param {number} low
 * @param {number} high
 */
function within(value, low, high) {
  return typeof value === "number" && Number.isFinite(value) && value >= low && value <= high ? value : null;
}

/**
 * A fix as the API takes it, or null when the telephone gave none that can be used.
 * @param {{coords: {latitude: number, longitude: number, accuracy: number, speed: number | null,
 *          heading: number | null, altitude: number | null}, timestamp: number}} found
 * @param {string} id
 * @param {number | null} battery
 * @returns {Fix | null}
 */
export function fixOf(found, id, battery) {
  const { coords } = found;
  const latitude = within(coords.latitude, -90, 90);
  const longitude = within(coords.longitude, -180, 180);
  if (latitude === null || longitude === null || !Number.isFinite(found.timestamp)) {
    return null;
  }
  return {
    id,
    latitude,
    longitude,
    accuracy: within(coords.accuracy, 0, 1e6),
    speed: within(coords.speed, 0, 1e3),
    heading: within(coords.heading, 0, 360),
    altitude: within(coords.altitude, -1e3, 1e5),
    battery,
    recorded_at: new Date(found.timestamp).toISOString(),
  };
}

/**
 * Whether a fix adds something to the one before: telephones repeat the same fix, and some give several a second.
 * @param {Fix | null} before
 * @param {Fix} fix
 * @param {number} apart milliseconds
 */
export function adds(before, fix, apart) {
  return before === null || Date.parse(fix.recorded_at) - Date.parse(before.recorded_at) >= apart;
}

/**
 * The next batch, oldest first.
 * @param {Fix[]} queue
 * @param {number} size
 */
export function batch(queue, size) {
  return [...queue].sort((one, other) => one.recorded_at.localeCompare(other.recorded_at)).slice(0, size);
}

/**
 * What to do with a batch after the answer: "done" removes it, "smaller" tries a part of it (one bad fix must not hold
 * the others), "drop" removes a single fix that the service will never take, "later" keeps all.
 * @param {Answer} answer
 * @param {number} sent how many fixes were in it
 * @returns {"done" | "smaller" | "drop" | "unpaired" | "later"}
 */
export function outcome(answer, sent) {
  const { status, code, body } = answer;
  if (status === 202) {
    return typeof body["stored"] === "number" ? "done" : "later";
  }
  return code === "" ? "later" : refusal(status, code, sent);
}

/**
 * @param {number} status
 * @param {string} code
 * @param {number} sent
 */
function refusal(status, code, sent) {
  if (status === 401) {
    return "unpaired";
  }
  if (code === "no_open_alert") {
    return "drop";
  }
  if (!REFUSALS.has(status)) {
    return "later";
  }
  return sent > 1 ? "smaller" : "drop";
}
