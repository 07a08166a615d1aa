// Moves what the page's own script drew, and makes the map readable without any tile: rings with their distances,
// a graticule, north, a scale. Never captures the scroll: one finger scrolls the page, two move the map.

import { degrees, distance, graticule, rings } from "../pure/distances.js";
import * as wording from "../pure/wording.js";

const AGES = [120, 600, 1800]; // seconds: how old a stretch of the track is, in four shades
const NAME_HEIGHT = 10; // pixels: half a name is none
const NEAR = 16;
const FARTHEST = 10; // a map farther away shows the country: no position was known

/**
 * @param {LiveMapLayers} layers
 * @param {LiveSpeaker} speaker
 */
export function liveMap(layers, speaker) {
  const { map, her, accuracy, track } = layers;
  const ground = groundOf(map, speaker);
  track.remove();
  /** @type {Map<number, L.Marker>} */
  const marks = new Map();
  const shades = [...AGES, Infinity].map((_limit, index) => (
    L.polyline([], { className: `track shade-${index}`, interactive: false }).addTo(map)
  ));
  const label = L.marker([0, 0], { icon: nameIcon("her-name", ""), interactive: false, keyboard: false });
  let follows = true;
  let known = map.getZoom() >= FARTHEST;
  const leave = () => { follows = false; };
  map.on("dragstart", leave);
  map.getContainer().addEventListener("touchstart", (event) => { if (event.touches.length > 1) { leave(); } }, { passive: true });

  /** The map stays still while she is well inside it. @param {L.LatLng} place */
  const follow = (place) => {
    if (!known || (follows && !map.getBounds().pad(-0.25).contains(place))) {
      map.setView(place, known ? map.getZoom() : NEAR, { animate: false });
      known = true;
    }
  };
  const controls = controlsOf(map, speaker, () => {
    follows = true;
    map.setView(her.getLatLng(), NEAR, { animate: false });
  });
  map.on("moveend resize", () => ground.draw(her.getLatLng()));

  return {
    /** @param {LiveSnapshot} state */
    show(state) {
      if (!state.position) {
        return;
      }
      const place = L.latLng(state.position.latitude, state.position.longitude);
      her.setLatLng(place).bringToFront();
      accuracy.setLatLng(place).setRadius(Math.max(state.position.accuracy ?? 0, 1));
      label.setLatLng(place).setIcon(nameIcon("her-name", state.victim.name)).addTo(map);
      follow(place);
      people(state, marks, map);
      shade(state, shades, speaker.now());
      ground.draw(place);
    },
    /** Shades grow older by themselves. @param {LiveSnapshot} state */
    renew(state) {
      shade(state, shades, speaker.now());
    },
    /** The place is no longer shown. */
    end() {
      controls.remove();
      map.remove();
    },
  };
}

/**
 * @param {string} className
 * @param {string} text
 */
function nameIcon(className, text) {
  const mark = document.createElement("span");
  mark.textContent = text;
  return L.divIcon({ className, html: mark, iconSize: [0, 0] });
}

/**
 * Her track in four shades, the newest the darkest; each stretch begins where the older one ends.
 * @param {LiveSnapshot} state
 * @param {L.Polyline[]} shades
 * @param {number} now
 */
function shade(state, shades, now) {
  const stops = state.track.map(([latitude, longitude, at]) => ({
    place: L.latLng(latitude, longitude),
    age: (now - Date.parse(at)) / 1000,
  }));
  let younger = 0;
  shades.forEach((line, index) => {
    const older = AGES[index] ?? Infinity;
    const part = stops.filter((stop) => stop.age >= younger && stop.age < older);
    const next = stops.find((stop) => stop.age < younger);
    line.setLatLngs([...part, ...(next && part.length ? [next] : [])].map((stop) => stop.place));
    younger = older;
  });
}

/**
 * @param {LiveSnapshot} state
 * @param {Map<number, L.Marker>} marks
 * @param {L.Map} map
 */
function people(state, marks, map) {
  for (const person of state.responders) {
    const mark = marks.get(person.contact);
    if (!person.position) {
      mark?.remove();
      marks.delete(person.contact);
      continue;
    }
    const place = L.latLng(person.position.latitude, person.position.longitude);
    if (mark) {
      mark.setLatLng(place);
      continue;
    }
    const icon = nameIcon(person.you ? "person you" : "person", wording.initials(person.name));
    marks.set(person.contact, L.marker(place, { icon, interactive: false, keyboard: false }).addTo(map));
  }
}

/**
 * Rings round her and a graticule under everything.
 * @param {L.Map} map
 * @param {LiveSpeaker} speaker
 */
function groundOf(map, speaker) {
  const pane = map.createPane("ground");
  pane.style.zIndex = "250";
  const layer = L.layerGroup().addTo(map);
  const line = { pane: "ground", interactive: false };
  return {
    /** @param {L.LatLng} centre */
    draw(centre) {
      layer.clearLayers();
      const view = map.getBounds();
      const middle = { latitude: view.getCenter().lat, longitude: view.getCenter().lng };
      const edge = Math.min(
        distance(middle, { latitude: view.getNorth(), longitude: middle.longitude }),
        distance(middle, { latitude: middle.latitude, longitude: view.getEast() }),
      );
      const radii = rings(edge);
      const step = degrees(radii[0], middle.latitude);
      for (const latitude of graticule(view.getSouth(), view.getNorth(), step.latitude)) {
        layer.addLayer(L.polyline([[latitude, view.getWest()], [latitude, view.getEast()]], { ...line, className: "graticule" }));
      }
      for (const longitude of graticule(view.getWest(), view.getEast(), step.longitude)) {
        layer.addLayer(L.polyline([[view.getSouth(), longitude], [view.getNorth(), longitude]], { ...line, className: "graticule" }));
      }
      for (const radius of radii) {
        layer.addLayer(L.circle(centre, { ...line, radius, fill: false, className: "ring" }));
        const top = L.latLng(centre.lat + degrees(radius, centre.lat).latitude, centre.lng);
        if (map.latLngToContainerPoint(top).y < NAME_HEIGHT) {
          continue;
        }
        const icon = nameIcon("ring-name", wording.distance(speaker.words, radius));
        layer.addLayer(L.marker(top, { icon, interactive: false, keyboard: false }));
      }
    },
  };
}

/**
 * Buttons of 48 pixels with words for who cannot see them, a scale, north.
 * @param {L.Map} map
 * @param {LiveSpeaker} speaker
 * @param {() => void} recentre
 */
function controlsOf(map, speaker, recentre) {
  const frame = map.getContainer().parentElement ?? map.getContainer();
  const box = document.createElement("div");
  box.className = "map-keys";
  const key = (/** @type {string} */ sign, /** @type {string} */ word, /** @type {(button: HTMLButtonElement) => void} */ act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", word);
    button.title = word;
    button.addEventListener("click", () => act(button));
    box.append(button);
  };
  const { words } = speaker;
  key("+", wording.say(words, "zoom_in"), () => map.zoomIn());
  key("\u2212", wording.say(words, "zoom_out"), () => map.zoomOut());
  key("\u25CE", wording.say(words, "recentre"), recentre);
  key("\u2922", wording.say(words, "explore"), (button) => {
    const wide = frame.classList.toggle("wide-open");
    button.setAttribute("aria-pressed", String(wide));
    button.setAttribute("aria-label", wording.say(words, wide ? "fold" : "explore"));
    map.dragging[wide || hasMouse() ? "enable" : "disable"]();
    map.invalidateSize({ animate: false });
  });
  const north = document.createElement("p");
  north.className = "north";
  north.textContent = wording.say(words, "north");
  frame.append(box, north);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  if (hasMouse()) {
    map.dragging.enable();
  }
  return {
    remove() {
      box.remove();
      north.remove();
    },
  };
}

/** Whether dragging the map cannot be mistaken for scrolling the page. */
function hasMouse() {
  return window.matchMedia("(pointer: fine)").matches;
}
