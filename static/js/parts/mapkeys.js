// Keys on the map, with words for who cannot see them, and the few sentences that stand on it.

import * as wording from "../pure/wording.js";
import { handsOn } from "./maphands.js";

const WHOLE = "#map";
const HINT_MILLISECONDS = 3000;

/**
 * @param {L.Map} map
 * @param {HTMLElement} frame
 * @param {LiveSpeaker} speaker
 * @param {{ back: () => void, left: () => void, pinched: () => void }} hands told when the map shall go back to her, was
 * moved away by a hand, was touched by two fingers
 */
export function keysOf(map, frame, speaker, hands) {
  const say = (/** @type {string} */ phrase) => wording.say(speaker.words, phrase);
  const box = block("div", "map-keys");
  const lines = block("div", "map-words");
  const [note, hint, source] = [block("p", "map-note"), block("p", "map-note"), block("p", "map-source")];
  const back = key("", "", hands.back);
  back.className = "map-back";
  back.hidden = true;
  const whole = key("\u2922", say("explore"), () => (isWhole() ? closeWhole() : openWhole()));
  box.append(key("+", say("zoom_in"), () => map.zoomIn()), key("\u2212", say("zoom_out"), () => map.zoomOut()), whole);
  lines.append(note, hint, back, source);
  const north = block("p", "north");
  north.textContent = say("north");
  frame.append(north, lines, box);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);

  const settle = () => {
    const open = isWhole();
    document.body.classList.toggle("map-whole", open);
    name(whole, say(open ? "fold" : "explore"));
    map.dragging[open ? "enable" : "disable"]();
    map.invalidateSize({ animate: false });
  };
  const over = new AbortController();
  const { signal } = over;
  window.addEventListener("hashchange", settle, { signal });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isWhole()) {
      closeWhole();
    }
  }, { signal });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let forget;
  const alone = () => {
    hint.textContent = say("two_fingers");
    clearTimeout(forget);
    forget = setTimeout(() => { hint.textContent = ""; }, HINT_MILLISECONDS);
  };
  handsOn(map, { left: hands.left, pinched: hands.pinched, alone, whole: isWhole }, signal);
  map.getContainer().setAttribute("role", "application");
  map.getContainer().setAttribute("aria-label", say("map_keys"));
  settle();

  return {
    /**
     * Whether the map follows her; if not, the way back, in words.
     * @param {string} her
     * @param {boolean} follows
     */
    follow(her, follows) {
      back.textContent = wording.say(speaker.words, "back_to", { name: her });
      back.hidden = follows;
    },
    /** @param {string} text what the map cannot show */
    note(text) {
      note.textContent = text;
    },
    /** @param {string} text who made what is shown */
    source(text) {
      source.textContent = text;
    },
    remove() {
      over.abort();
      [box, north, lines].forEach((part) => part.remove());
      document.body.classList.remove("map-whole");
    },
  };
}

/**
 * @param {string} tag
 * @param {string} className
 */
function block(tag, className) {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

/**
 * @param {string} sign
 * @param {string} word
 * @param {() => void} act
 */
function key(sign, word, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sign;
  button.addEventListener("click", act);
  if (word) {
    name(button, word);
  }
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} word
 */
function name(button, word) {
  button.title = word;
  button.setAttribute("aria-label", word);
}

/** Whether the map has the screen but for the head and the bar. Its address says so, and "back" ends it. */
function isWhole() {
  return window.location.hash === WHOLE;
}

let opened = false;

function openWhole() {
  opened = true;
  window.location.hash = WHOLE;
}

function closeWhole() {
  if (opened) {
    opened = false;
    window.history.back();
  } else {
    window.location.hash = "#main";
  }
}
