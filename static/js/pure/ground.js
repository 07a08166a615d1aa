// What a map without pictures is made of: outlines that travelled packed, names that do not lie on each other, signs
// at its edges; and her track cut by age. No DOM: places are pairs of degrees, points are pixels of the map.

import { bearing } from "./distances.js";

export const AGES = [120, 600, 1800]; // seconds: how old a stretch of the track is, in four shades

/**
 * The corners of an outline as responders/domain/outlining.py packs it: a place, then steps.
 * @param {number[]} packed
 * @param {number} perDegree
 * @returns {[number, number][]} latitude, longitude
 */
export function unpack(packed, perDegree) {
  /** @type {[number, number][]} */
  const places = [];
  let latitude = 0;
  let longitude = 0;
  for (let index = 0; index + 1 < packed.length; index += 2) {
    latitude += packed[index] ?? 0;
    longitude += packed[index + 1] ?? 0;
    places.push([latitude / perDegree, longitude / perDegree]);
  }
  return places;
}

/**
 * Whether a place lies inside these rings, holes among them (even-odd rule).
 * @param {[number, number][][]} rings
 * @param {{ latitude: number, longitude: number }} place
 * @returns {boolean}
 */
export function within(rings, { latitude, longitude }) {
  let inside = false;
  for (const ring of rings) {
    ring.forEach(([lat, lon], index) => {
      const [before, beside] = ring.at(index - 1) ?? [lat, lon];
      if ((lat > latitude) !== (before > latitude)
        && longitude < ((beside - lon) * (latitude - lat)) / (before - lat) + lon) {
        inside = !inside;
      }
    });
  }
  return inside;
}

/**
 * Boxes that lie on no other and inside the frame, the first ones first.
 * @template {{ x: number, y: number, width: number, height: number }} Box
 * @param {Box[]} boxes x and y are their middles
 * @param {{ width: number, height: number }} frame
 * @param {GroundBox[]} taken what lies there already
 * @returns {Box[]}
 */
export function uncrowded(boxes, frame, taken = []) {
  /** @type {GroundBox[]} */
  const occupied = [...taken];
  return boxes.filter((box) => {
    const seen = Math.abs(box.x - frame.width / 2) <= (frame.width - box.width) / 2
      && Math.abs(box.y - frame.height / 2) <= (frame.height - box.height) / 2;
    const free = seen && !occupied.some((other) => Math.abs(box.x - other.x) < (box.width + other.width) / 2
      && Math.abs(box.y - other.y) < (box.height + other.height) / 2);
    if (free) {
      occupied.push(box);
    }
    return free;
  });
}

/**
 * Where the straight way from the middle of a frame to a point leaves it; the point itself if it lies inside.
 * @param {{ x: number, y: number }} point
 * @param {{ width: number, height: number }} frame
 * @param {{ x: number, y: number }} margin
 * @returns {{ x: number, y: number, outside: boolean }}
 */
export function edge(point, frame, margin) {
  const middle = { x: frame.width / 2, y: frame.height / 2 };
  const way = { x: point.x - middle.x, y: point.y - middle.y };
  const share = Math.min(
    1,
    Math.max(middle.x - margin.x, 0) / Math.max(Math.abs(way.x), 1e-9),
    Math.max(middle.y - margin.y, 0) / Math.max(Math.abs(way.y), 1e-9),
  );
  return { x: middle.x + way.x * share, y: middle.y + way.y * share, outside: share < 1 };
}

/**
 * An arrow that points from one place to another, north up.
 * @param {{ latitude: number, longitude: number }} start
 * @param {{ latitude: number, longitude: number }} end
 * @returns {string}
 */
export function arrow(start, end) {
  return "\u2191\u2197\u2192\u2198\u2193\u2199\u2190\u2196".charAt(Math.round(bearing(start, end) / 45) % 8);
}

/**
 * A track cut by age: four stretches, the youngest first, each reaching to where the younger one begins.
 * @param {TrackStop[]} track oldest first
 * @param {number} now milliseconds since 1970
 * @returns {TrackStop[][]}
 */
export function stretches(track, now) {
  const ages = track.map((stop) => (now - Date.parse(stop[2])) / 1000);
  let younger = -Infinity;
  return [...AGES, Infinity].map((older) => {
    const from = younger;
    const part = track.filter((_stop, index) => (ages[index] ?? 0) >= from && (ages[index] ?? 0) < older);
    const next = track.find((_stop, index) => (ages[index] ?? 0) < from);
    younger = older;
    return part.length && next ? [...part, next] : part;
  });
}
