// What lies under everything on the map: pictures where there are any, else the outlines of the communes with their
// names, signs to those beyond the edge, a graticule; always rings with their distances.

import { degrees, distance, graticule, rings } from "../pure/distances.js";
import { arrow, edge, uncrowded, unpack, within } from "../pure/ground.js";
import * as wording from "../pure/wording.js";
import { words as wordsAt } from "./mapicon.js";

const LETTER = 8; // pixels, about
const LINE = 18;
const MOST_SIGNS = 4;
const NEAREST = 16; // communes among which signs are chosen
const MARGIN = 12; // between words and the edge, which late and lost colour
const NORTH = { x: 25, y: 27, width: 40, height: 44 }; // what stands in the corners of the map
const LINK = { width: 150, height: 40 };
const FOOT = { width: 240, height: 62 };
const AROUND = [0, 315, 45, 180, 225, 135, 270, 90]; // where on a ring its name may stand, best first
const GRID = [0.5, 0.3, 0.7, 0.18, 0.82]; // where in view the name of her commune may stand instead
const KEYS = { x: 64, y: 160 };

/**
 * @param {L.Map} map
 * @param {LiveSpeaker} speaker
 */
export function groundOf(map, speaker) {
  const under = { pane: pane(map, "ground", 150), interactive: false };
  const names = pane(map, "names", 160);
  const above = { pane: pane(map, "rings", 250), interactive: false };
  pane(map, "distances", 260);
  const drawn = L.layerGroup().addTo(map);
  const outlines = L.layerGroup().addTo(map);
  /** @type {GroundCommune[]} */
  let communes = [];
  let pictures = false;

  /**
   * @param {L.LatLng} her
   * @param {GroundBox[]} marks where something stands already
   */
  const draw = (her, marks) => {
    drawn.clearLayers();
    const size = map.getSize();
    const frame = { width: size.x, height: size.y };
    const radii = rings(Math.min(...halves(map)));
    const taken = [...marks];
    const home = pictures ? null : ownName(her, { frame, taken });
    for (const radius of radii) {
      drawn.addLayer(L.circle(her, { ...above, radius, fill: false, className: "ring" }));
      taken.push(...ringName(map, her, { radius, text: round(speaker.words, radius), frame, taken, layer: drawn }));
    }
    if (!pictures) {
      around(her, { frame, taken, step: radii[0], own: home });
    }
  };

  /**
   * The commune in which she is: its name comes before all others.
   * @param {L.LatLng} her
   * @param {{ frame: { width: number, height: number }, taken: GroundBox[] }} view
   * @returns {GroundCommune | null}
   */
  const ownName = (her, { frame, taken }) => {
    const own = communes.find((commune) => within(commune.rings, { latitude: her.lat, longitude: her.lng }));
    if (!own) {
      return null;
    }
    drawn.addLayer(L.polygon(own.rings, { ...under, className: "own-commune" }));
    const [standing] = uncrowded(standings(map, own, frame), frame, taken);
    if (standing) {
      taken.push(standing);
      drawn.addLayer(wordsAt(map.containerPointToLatLng([standing.x, standing.y]), "commune own", names, own.name));
    }
    return own;
  };

  /**
   * @param {L.LatLng} her
   * @param {{ frame: { width: number, height: number }, taken: GroundBox[], step: number, own: GroundCommune | null }} view
   */
  const around = (her, { frame, taken, step, own }) => {
    if (!communes.length || map.getZoom() > 14) {
      net(map, step, { ...under, className: "graticule" }, drawn);
    }
    const others = communes.filter((commune) => commune !== own);
    const shown = uncrowded(others.map((commune) => named(map, commune)), frame, taken);
    for (const { commune } of shown) {
      drawn.addLayer(wordsAt(commune.label, "commune", names, commune.name));
    }
    const seen = new Set(shown.map(({ commune }) => commune));
    const place = { latitude: her.lat, longitude: her.lng };
    signs(place, { beyond: others.filter((commune) => !seen.has(commune)), frame, taken: [...taken, ...shown] });
  };

  /**
   * Near by, no name may lie in view: the nearest ones beyond the edge say where to look.
   * @param {{ latitude: number, longitude: number }} place
   * @param {{ beyond: GroundCommune[], frame: { width: number, height: number }, taken: GroundBox[] }} view
   */
  const signs = (place, { beyond, frame, taken }) => {
    const centre = map.containerPointToLatLng([frame.width / 2, frame.height / 2]);
    const middle = { latitude: centre.lat, longitude: centre.lng };
    const all = beyond.map((commune) => {
      const [latitude, longitude] = commune.label;
      const there = { latitude, longitude };
      const far = wording.distance(speaker.words, distance(place, there));
      const text = `${arrow(middle, there)} ${commune.name} ${far}`;
      const half = (text.length * LETTER) / 2;
      const at = edge(map.latLngToContainerPoint(commune.label), frame, { x: half + MARGIN, y: LINE / 2 + MARGIN });
      return { commune, text, metres: distance(place, there), ...at, width: half * 2 + 8, height: LINE };
    }).filter((sign) => sign.outside).sort((one, other) => one.metres - other.metres);
    for (const sign of uncrowded(all.slice(0, NEAREST), frame, taken).slice(0, MOST_SIGNS)) {
      drawn.addLayer(wordsAt(map.containerPointToLatLng([sign.x, sign.y]), "commune sign", names, sign.text));
    }
  };

  return {
    draw,
    /** @returns {GroundBox[]} */
    corners: () => corners({ width: map.getSize().x, height: map.getSize().y }),
    /** @param {GroundOutlines} told */
    outline(told) {
      communes = told.communes.map(({ name, label, rings: packed }) => ({
        name,
        label: [label[0] / told.per_degree, label[1] / told.per_degree],
        rings: packed.map((ring) => unpack(ring, told.per_degree)),
      }));
      outlines.clearLayers();
      const lines = communes.flatMap((commune) => commune.rings.map((ring) => [...ring, ...ring.slice(0, 1)]));
      outlines.addLayer(L.polyline(lines, { ...under, className: "outline" }));
    },
    /** @param {boolean} shown whether pictures cover the ground */
    cover(shown) {
      pictures = shown;
    },
  };
}

/**
 * @param {L.Map} map
 * @param {string} name
 * @param {number} level
 */
function pane(map, name, level) {
  map.createPane(name).style.zIndex = String(level);
  return name;
}

/**
 * Metres from the middle of the view to its northern and its eastern edge.
 * @param {L.Map} map
 * @returns {[number, number]}
 */
export function halves(map) {
  const view = map.getBounds();
  const middle = { latitude: view.getCenter().lat, longitude: view.getCenter().lng };
  return [
    distance(middle, { latitude: view.getNorth(), longitude: middle.longitude }),
    distance(middle, { latitude: middle.latitude, longitude: view.getEast() }),
  ];
}

/**
 * @param {{ x: number, y: number }} point
 * @param {string} text
 */
function box({ x, y }, text) {
  return { x, y, width: text.length * LETTER + 10, height: LINE };
}

/**
 * @param {L.Map} map
 * @param {GroundCommune} commune
 */
function named(map, commune) {
  return { commune, ...box(map.latLngToContainerPoint(commune.label), commune.name) };
}

/**
 * Where the name of her commune may stand, best first: its own place, else anywhere in view that belongs to it.
 * @param {L.Map} map
 * @param {GroundCommune} own
 * @param {{ width: number, height: number }} frame
 */
function standings(map, own, frame) {
  const points = GRID.flatMap((down) => GRID.map((along) => L.point(frame.width * along, frame.height * down)));
  const inside = points.filter((point) => {
    const { lat, lng } = map.containerPointToLatLng(point);
    return within(own.rings, { latitude: lat, longitude: lng });
  });
  return [named(map, own), ...inside.map((point) => ({ commune: own, ...box(point, own.name) }))];
}

/**
 * A round distance, without tenths.
 * @param {Record<string, string>} words
 * @param {number} metres
 */
function round(words, metres) {
  return metres < 1000 ? wording.say(words, "metre", { n: metres }) : wording.say(words, "kilometre", { n: metres / 1000 });
}

/**
 * What the corners hold: north, the state of the link, the scale with the source, the keys.
 * @param {{ width: number, height: number }} frame
 * @returns {GroundBox[]}
 */
function corners({ width, height }) {
  return [
    NORTH,
    { x: width - LINK.width / 2, y: LINK.height / 2, ...LINK },
    { x: FOOT.width / 2, y: height - FOOT.height / 2, ...FOOT },
    { x: width - KEYS.x / 2, y: height - KEYS.y / 2, width: KEYS.x, height: KEYS.y },
  ];
}

/**
 * The name of a ring, where on it there is room.
 * @param {L.Map} map
 * @param {L.LatLng} her
 * @param {{ radius: number, text: string, frame: { width: number, height: number }, taken: GroundBox[],
 * layer: L.LayerGroup }} ring
 * @returns {GroundBox[]}
 */
function ringName(map, her, { radius, text, frame, taken, layer }) {
  const step = degrees(radius, her.lat);
  for (const angle of AROUND) {
    const turn = (angle * Math.PI) / 180;
    const place = L.latLng(her.lat + Math.cos(turn) * step.latitude, her.lng + Math.sin(turn) * step.longitude);
    const at = box(map.latLngToContainerPoint(place), text);
    if (uncrowded([at], frame, taken).length) {
      layer.addLayer(wordsAt(place, "ring-name", "distances", text));
      return [at];
    }
  }
  return [];
}

/**
 * @param {L.Map} map
 * @param {number} metres
 * @param {L.PolylineOptions} look
 * @param {L.LayerGroup} layer
 */
function net(map, metres, look, layer) {
  const view = map.getBounds();
  const step = degrees(metres, view.getCenter().lat);
  for (const latitude of graticule(view.getSouth(), view.getNorth(), step.latitude)) {
    layer.addLayer(L.polyline([[latitude, view.getWest()], [latitude, view.getEast()]], look));
  }
  for (const longitude of graticule(view.getWest(), view.getEast(), step.longitude)) {
    layer.addLayer(L.polyline([[view.getSouth(), longitude], [view.getNorth(), longitude]], look));
  }
}
