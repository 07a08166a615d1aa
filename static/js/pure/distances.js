// Distances, directions, and the rings and lines by which a map without tiles can be read. Degrees are WGS 84.

const EARTH_RADIUS = 6371008.8;
const STEPS = [1, 2, 5, 10];
const MOST_LINES = 40;

/** @param {number} angle in degrees */
const radians = (angle) => (angle * Math.PI) / 180;

/**
 * Metres along the great circle (haversine).
 * @param {LivePlace | { latitude: number, longitude: number }} start
 * @param {LivePlace | { latitude: number, longitude: number }} end
 * @returns {number}
 */
export function distance(start, end) {
  const half = Math.sin(radians(end.latitude - start.latitude) / 2) ** 2
    + Math.cos(radians(start.latitude)) * Math.cos(radians(end.latitude))
    * Math.sin(radians(end.longitude - start.longitude) / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(half)));
}

/**
 * Degrees clockwise from north in which to set out.
 * @param {{ latitude: number, longitude: number }} start
 * @param {{ latitude: number, longitude: number }} end
 * @returns {number}
 */
export function bearing(start, end) {
  const across = radians(end.longitude - start.longitude);
  const east = Math.sin(across) * Math.cos(radians(end.latitude));
  const north = Math.cos(radians(start.latitude)) * Math.sin(radians(end.latitude))
    - Math.sin(radians(start.latitude)) * Math.cos(radians(end.latitude)) * Math.cos(across);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/**
 * The smallest round distance (1, 2 or 5 times a power of ten) that is at least so many metres.
 * @param {number} metres
 * @returns {number}
 */
export function roundUp(metres) {
  const power = 10 ** Math.floor(Math.log10(Math.max(metres, 1)));
  return (STEPS.find((candidate) => candidate * power >= metres) ?? 10) * power;
}

/**
 * Three round radii in metres that fill a view: the middle one lies well inside it, the last about at its corners.
 * @param {number} edge metres from the centre of the view to its nearer edge
 * @returns {[number, number, number]}
 */
export function rings(edge) {
  const inner = roundUp(edge * 0.25);
  const middle = roundUp(inner * 1.5);
  return [inner, middle, roundUp(middle * 1.5)];
}

/**
 * Degrees of latitude at which the lines of a graticule of so many metres lie, within a view.
 * @param {number} low
 * @param {number} high
 * @param {number} step in degrees
 * @returns {number[]}
 */
export function graticule(low, high, step) {
  const first = Math.ceil(low / step);
  const count = Math.min(Math.floor(high / step) - first + 1, MOST_LINES);
  return Array.from({ length: Math.max(count, 0) }, (_unused, index) => (first + index) * step);
}

/**
 * So many metres as degrees of latitude and, at this latitude, of longitude.
 * @param {number} metres
 * @param {number} latitude
 * @returns {{ latitude: number, longitude: number }}
 */
export function degrees(metres, latitude) {
  const along = ((metres / EARTH_RADIUS) * 180) / Math.PI;
  return { latitude: along, longitude: along / Math.max(Math.cos(radians(latitude)), 0.01) };
}
