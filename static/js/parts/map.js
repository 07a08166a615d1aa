// Moves what the page's own script drew, follows her unless a hand moved the map away, and says what it cannot show.

import { distance } from "../pure/distances.js";
import * as wording from "../pure/wording.js";
import { groundOf, halves } from "./mapground.js";
import { keysOf } from "./mapkeys.js";
import { herMark, peopleOf, trackOf } from "./mapmarks.js";
import { picturesOf } from "./maptiles.js";

const STREETS = 16;
const COMMUNES = 13; // without pictures: nothing nearer could be recognised
const FARTHEST = 10; // a map farther away shows the country: no position was known
const MIDDLE = -0.25; // she may walk so far from the middle before the map follows
const REDRAWN_SECONDS = 10;
const OUTLINES_REACH = 8000; // metres: beyond, other communes come into view

/**
 * @param {LiveMapLayers} layers
 * @param {LiveSpeaker} speaker
 */
export function liveMap(layers, speaker) {
  const { map, her, accuracy, track } = layers;
  track.remove();
  const frame = map.getContainer().parentElement ?? map.getContainer();
  const ground = groundOf(map, speaker);
  const trail = trackOf(map, speaker);
  const people = peopleOf(map, speaker);
  const mark = herMark(layers, speaker);
  let follows = true;
  let pinched = false;
  let known = map.getZoom() >= FARTHEST;
  let nearest = map.getZoom() < STREETS && known ? COMMUNES : STREETS;
  let ticks = 0;
  /** @type {LiveSnapshot | null} */
  let shown = null;

  const isSeen = () => map.getBounds().pad(MIDDLE).contains(her.getLatLng());
  const goBack = () => {
    map.setView(her.getLatLng(), Math.min(nearest, map.getBoundsZoom(accuracy.getBounds())), { animate: false });
  };
  const follow = (/** @type {boolean} */ wanted) => {
    follows = wanted;
    keys.follow(shown?.victim.name ?? "", follows);
  };
  const keys = keysOf(map, frame, speaker, {
    back: () => {
      follow(true);
      goBack();
      map.getContainer().focus();
    },
    left: () => follow(false),
    pinched: () => { pinched = true; },
  });
  const note = () => {
    const exact = shown?.position ? shown.position.accuracy : 0;
    const wide = exact !== null && exact > Math.min(...halves(map));
    const phrase = exact === null ? "how_exact" : wide ? "wide" : "";
    keys.note(phrase && wording.say(speaker.words, phrase, { distance: wording.distance(speaker.words, exact ?? 0) }));
  };
  const redraw = () => {
    const taken = [...ground.corners(), mark.box(), ...people.boxes()];
    ground.draw(her.getLatLng(), [...taken, ...(shown ? trail.draw(shown, taken) : [])]);
  };
  map.on("zoomend", () => {
    if (!pinched && follows && !isSeen()) {
      map.panTo(her.getLatLng(), { animate: false });
    }
  });
  map.on("moveend resize", () => {
    if (pinched && follows && !isSeen()) {
      follow(false);
    }
    pinched = false;
    redraw();
    note();
  });

  const outlines = outlinesOf((told) => {
    ground.outline(told);
    keys.source(told.source);
    redraw();
  });
  /** Streets were expected and do not come: the communes around say more than an empty square. */
  const stepBack = () => {
    if (nearest === STREETS && follows && known) {
      map.setZoom(Math.min(map.getZoom(), COMMUNES), { animate: false });
    }
  };
  /** @param {boolean} pictures */
  const cover = (pictures) => {
    frame.dataset.ground = pictures ? "pictures" : "outlines";
    ground.cover(pictures);
    keys.source(pictures ? speaker.settings.tiles?.source ?? "" : outlines.source());
    if (!pictures) {
      outlines.need(her.getLatLng());
      stepBack();
    }
    nearest = pictures ? STREETS : COMMUNES;
    redraw();
  };
  /** @type {{ end: () => void } | null} */
  let pictures = null;
  const begin = () => {
    if (speaker.settings.tiles) {
      pictures = picturesOf(map, speaker.settings.tiles, { here: () => her.getLatLng(), told: cover });
    } else {
      cover(false);
    }
  };

  return {
    /** @param {LiveSnapshot} state */
    show(state) {
      if (!state.position) {
        return;
      }
      const first = shown === null;
      shown = state;
      const place = L.latLng(state.position.latitude, state.position.longitude);
      mark.put(place, state);
      mark.say(state);
      if (!known) {
        goBack();
        known = true;
      } else if (follows && !isSeen()) {
        map.panTo(place, { animate: false });
      }
      people.draw(state);
      redraw();
      note();
      keys.follow(state.victim.name, follows);
      if (first) {
        begin();
      } else if (frame.dataset.ground === "outlines") {
        outlines.need(place);
      }
    },
    /** Everything grows older by itself. @param {LiveSnapshot} state */
    renew(state) {
      mark.say(state);
      ticks += 1;
      if (ticks % REDRAWN_SECONDS === 0 && state.position) {
        redraw();
        people.draw(state);
      }
    },
    /** The place is no longer shown. */
    end() {
      pictures?.end();
      keys.remove();
      map.remove();
    },
  };
}

/**
 * The communes around her: asked for once, and again when she is far from where that was.
 * @param {(told: GroundOutlines) => void} got
 */
function outlinesOf(got) {
  /** @type {L.LatLng | null} */
  let around = null;
  let source = "";
  return {
    source: () => source,
    /** @param {L.LatLng} place */
    async need(place) {
      if (around && distance(at(around), at(place)) < OUTLINES_REACH) {
        return;
      }
      around = place;
      const answer = await fetch(`${window.location.pathname}outlines`).catch(() => null);
      if (!answer?.ok) {
        around = null; // the next position asks again
        return;
      }
      /** @type {GroundOutlines} */
      const told = await answer.json();
      source = told.source;
      got(told);
    },
  };
}

/** @param {L.LatLng} place */
function at(place) {
  return { latitude: place.lat, longitude: place.lng };
}
