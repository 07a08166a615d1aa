/**
 * A plausible walk of somebody in a hurry through a small town: ten minutes or so, sampled as a telephone does it
 * (unevenly, with pauses and noise). The same seed gives the same walk. No clock, no document, no network.
 */

const METRES_PER_DEGREE = 111_320;
const PACE = 1.45;
const BLOCK = 90;

/**
 * A small repeatable random number generator (mulberry32), 0 to 1.
 * @param {number} seed
 * @returns {() => number}
 */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The place reached from another: degrees, metres, degrees from north.
 * @param {{latitude: number, longitude: number}} from
 * @param {number} metres
 * @param {number} heading
 */
export function moved(from, metres, heading) {
  const angle = (heading * Math.PI) / 180;
  const north = metres * Math.cos(angle);
  const east = metres * Math.sin(angle);
  return {
    latitude: from.latitude + north / METRES_PER_DEGREE,
    longitude: from.longitude + east / (METRES_PER_DEGREE * Math.cos((from.latitude * Math.PI) / 180)),
  };
}

/**
 * Metres between two places, exact enough within a town.
 * @param {{latitude: number, longitude: number}} a
 * @param {{latitude: number, longitude: number}} b
 */
export function apart(a, b) {
  const north = (b.latitude - a.latitude) * METRES_PER_DEGREE;
  const east = (b.longitude - a.longitude) * METRES_PER_DEGREE * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(north, east);
}

/**
 * The fixes of one walk, `t` in seconds from its beginning: degrees, metres, metres per second, degrees, percent.
 * @param {{latitude: number, longitude: number, seed?: number, seconds?: number}} start
 * @returns {{t: number, latitude: number, longitude: number, accuracy: number, speed: number, heading: number,
 *   battery: number}[]}
 */
export function walk({ latitude, longitude, seed = 17, seconds = 600 }) {
  const chance = dice(seed);
  const fixes = [];
  let truth = { latitude, longitude };
  let heading = 40 + 30 * chance();
  let untilTurn = BLOCK * (0.5 + chance());
  let t = 0;
  while (t <= seconds) {
    const resting = isResting(t);
    fixes.push(measured(truth, { t, heading, resting }, chance));
    const wait = untilNext(resting, chance);
    const step = resting ? 0 : PACE * wait;
    truth = moved(truth, step, heading);
    untilTurn -= step;
    if (untilTurn <= 0) {
      heading = (heading + (chance() < 0.65 ? 80 : -75) * (0.8 + 0.4 * chance()) + 360) % 360;
      untilTurn = BLOCK * (0.5 + chance());
    }
    t = Math.round((t + wait) * 10) / 10;
  }
  return fixes;
}

/**
 * What the telephone measures of where she truly is.
 * @param {{latitude: number, longitude: number}} truth
 * @param {{t: number, heading: number, resting: boolean}} moment
 * @param {() => number} chance
 */
function measured(truth, { t, heading, resting }, chance) {
  const accuracy = Math.round(6 + 14 * chance() ** 2 + (resting ? 6 : 0));
  const speed = resting ? 0.1 * chance() : PACE * (0.8 + 0.5 * chance());
  return {
    t,
    ...moved(truth, accuracy * 0.35 * chance(), 360 * chance()),
    accuracy,
    speed: Math.round(speed * 10) / 10,
    heading: Math.round(heading + 8 * (chance() - 0.5) + 360) % 360,
    battery: Math.max(1, Math.round(63 - t / 120)),
  };
}

/**
 * Seconds until the next fix: every few seconds, less often at rest, now and then not for a while.
 * @param {boolean} resting
 * @param {() => number} chance
 */
function untilNext(resting, chance) {
  const missed = chance() < 0.06 ? 14 : 0;
  const wait = resting ? 5 + 9 * chance() : 2 + 4 * chance() + missed;
  return Math.round(wait * 10) / 10;
}

/**
 * She stops twice: behind a corner, then in a doorway.
 * @param {number} t seconds
 */
function isResting(t) {
  return (t >= 150 && t < 185) || (t >= 390 && t < 450);
}
