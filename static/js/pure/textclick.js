/** Her click as a text, where there is no data: "2 49.41790,2.82610" to the service's number. Nothing is sent from here. */

const FIGURES = { single: "1", double: "2", long: "3" };
const FRESH_MS = 120_000;

/**
 * The address that opens her telephone's messages with the click written in it, or nothing where no text would be heard.
 * A position goes along only while it is fresh: the service takes it for where she is now.
 * @param {{number: string | null, gesture: Gesture, fix: Fix | null, now: number, apple: boolean}} what
 */
export function textLink({ number, gesture, fix, now, apple }) {
  if (number === null) {
    return "";
  }
  const fresh = fix !== null && Math.abs(now - Date.parse(fix.recorded_at)) < FRESH_MS;
  const place = fresh ? ` ${fix.latitude.toFixed(5)},${fix.longitude.toFixed(5)}` : "";
  return `sms:${number}${apple ? "&" : "?"}body=${encodeURIComponent(FIGURES[gesture] + place)}`;
}

/**
 * Whether this device wants sms:number&body= where RFC 5724 says sms:number?body=.
 * @param {string} agent the browser's own words
 */
export function writesLikeApple(agent) {
  return /iPhone|iPad|iPod|Macintosh/.test(agent);
}
