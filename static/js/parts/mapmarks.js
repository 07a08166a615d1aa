// Who is on the map: her, where she came from, and those who share where they are.

import { stretches, uncrowded } from "../pure/ground.js";
import * as wording from "../pure/wording.js";
import { icon, words as wordsAt } from "./mapicon.js";

const TIME = { width: 54, height: 24 }; // pixels

/**
 * Her mark, and below it her name and when she was last seen: late and lost in words, not by a colour alone.
 * @param {LiveMapLayers} layers
 * @param {LiveSpeaker} speaker
 */
export function herMark({ map, her, accuracy }, speaker) {
  const label = L.marker([0, 0], { icon: icon("her-name", "", ""), interactive: false, keyboard: false, zIndexOffset: 500 });
  return {
    /**
     * @param {L.LatLng} place
     * @param {LiveSnapshot} state
     */
    put(place, state) {
      her.setLatLng(place).bringToFront();
      accuracy.setLatLng(place).setRadius(Math.max(state.position?.accuracy ?? 0, 1));
      label.setLatLng(place).addTo(map);
    },
    /** @returns {GroundBox} what she and her label cover */
    box() {
      const words = label.getElement()?.firstElementChild;
      const { offsetWidth = 0, offsetHeight = 0 } = words instanceof HTMLElement ? words : {};
      const { x, y } = map.latLngToContainerPoint(her.getLatLng());
      return { x, y: y + offsetHeight / 2, width: Math.max(offsetWidth, 30) + 8, height: offsetHeight + 50 };
    },
    /** @param {LiveSnapshot} state */
    say(state) {
      const [name, seen] = label.getElement()?.querySelectorAll("span span") ?? [];
      if (!name || !seen || !state.position) {
        return;
      }
      const seconds = (speaker.now() - Date.parse(state.position.fixed_at)) / 1000;
      const fresh = wording.freshness(seconds, speaker.settings);
      const told = wording.say(speaker.words, `seen_${fresh}`, { time: speaker.time(state.position.fixed_at) });
      for (const [line, text] of /** @type {const} */ ([[name, state.victim.name], [seen, told]])) {
        if (line.textContent !== text) {
          line.textContent = text;
        }
      }
    },
  };
}

/**
 * Her track in four ages: told by colour, by width and by dashes, with the time where each stretch begins.
 * @param {L.Map} map
 * @param {LiveSpeaker} speaker
 */
export function trackOf(map, speaker) {
  const lines = ["casing", "shade-3", "shade-2", "shade-1", "shade-0"].map((className) => (
    L.polyline([], { className: `track ${className}`, interactive: false }).addTo(map)
  ));
  const times = L.layerGroup().addTo(map);
  return {
    /**
     * @param {LiveSnapshot} state
     * @param {GroundBox[]} taken where something stands already
     * @returns {GroundBox[]} where the times stand
     */
    draw(state, taken) {
      const parts = stretches(state.track, speaker.now()).reverse();
      const places = parts.map((part) => part.map(([latitude, longitude]) => L.latLng(latitude, longitude)));
      lines[0]?.setLatLngs(places.flat());
      places.forEach((part, index) => lines[index + 1]?.setLatLngs(part));
      times.clearLayers();
      const ends = parts.flatMap((part) => part.slice(0, 1)).map(([latitude, longitude, at]) => {
        const { x, y } = map.latLngToContainerPoint([latitude, longitude]);
        return { x, y, ...TIME, place: L.latLng(latitude, longitude), at };
      });
      const { x: width, y: height } = map.getSize();
      const shown = uncrowded(ends, { width, height }, taken);
      shown.forEach(({ place, at }) => times.addLayer(wordsAt(place, "time-name", "markerPane", speaker.time(at))));
      return shown;
    },
  };
}

/**
 * Responders who share where they are, by name; who has not moved for long with the time.
 * @param {L.Map} map
 * @param {LiveSpeaker} speaker
 */
export function peopleOf(map, speaker) {
  /** @type {Map<number, L.Marker>} */
  const marks = new Map();
  /** @param {LiveResponder} person */
  const texts = (person) => {
    const at = person.position?.at ?? "";
    const old = (speaker.now() - Date.parse(at)) / 1000 > speaker.settings.lost_after;
    return [person.name, old ? speaker.time(at) : ""];
  };
  return {
    /** @returns {GroundBox[]} what they and their names cover */
    boxes: () => [...marks.values()].map((mark) => {
      const { x, y } = map.latLngToContainerPoint(mark.getLatLng());
      const words = mark.getElement()?.firstElementChild;
      return { x, y: y - 14, width: words instanceof HTMLElement ? words.offsetWidth : 0, height: 44 };
    }),
    /** @param {LiveSnapshot} state */
    draw(state) {
      for (const person of state.responders) {
        const mark = marks.get(person.contact);
        if (!person.position) {
          mark?.remove();
          marks.delete(person.contact);
          continue;
        }
        const place = L.latLng(person.position.latitude, person.position.longitude);
        const shown = mark ?? wordsAt(place, person.you ? "person you" : "person", "markerPane", "", "").addTo(map);
        marks.set(person.contact, shown.setLatLng(place));
        const lines = shown.getElement()?.querySelectorAll("span span") ?? [];
        texts(person).forEach((text, index) => {
          const line = lines[index];
          if (line && line.textContent !== text) {
            line.textContent = text;
          }
        });
      }
    },
  };
}
