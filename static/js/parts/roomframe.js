// Where the room stands on the page: its section in the place of the map, the map as a strip, its keys above the bar.

import { say } from "../pure/wording.js";

const STYLED_WITHIN = 2000;
/** A bar with two rows of keys would leave nothing to read there (WCAG 2.2, 1.4.10). */
const LOW = "(max-height: 420px) and (max-width: 559px)";

/** @typedef {Record<"microphone" | "camera" | "facing" | "hangUp", () => void>} Keys */

/**
 * @param {string} markup of templates/responders/room.html
 * @param {Keys} keys
 */
export function roomFrame(markup, keys) {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const part = (/** @type {string} */ id) => {
    const found = page.getElementById(id);
    if (!found) {
      throw new Error(`the room's page lacks ${id}`);
    }
    return found;
  };
  const room = part("room");
  const dock = part("dock");
  const swap = part("map-swap");
  const word = part("room-word");
  const said = part("room-said");
  /** @type {Record<string, string>} */
  const words = JSON.parse(part("room-words").textContent ?? "{}");
  const buttons = { microphone: part("microphone"), camera: part("camera"), facing: part("facing"), hangUp: part("hang-up") };
  const map = document.getElementById("map");
  const resized = new ResizeObserver(refit);
  document.getElementById("room-why")?.remove();
  for (const [name, button] of Object.entries(buttons)) {
    button.addEventListener("click", keys[/** @type {keyof Keys} */ (name)]);
  }

  part("room-skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address belongs to the sheets
    buttons.microphone.focus({ preventScroll: true });
  });

  const show = (/** @type {boolean} */ wide) => {
    document.body.dataset.room = wide ? "map" : "people";
    swap.setAttribute("aria-expanded", String(wide));
    swap.replaceChildren(label(say(words, wide ? "map_fold" : "map_open")));
  };
  swap.addEventListener("click", () => show(document.body.dataset.room === "people"));
  const low = window.matchMedia(LOW);
  const place = () => (low.matches ? room.append(dock) : document.querySelector(".bar")?.prepend(dock));
  let closed = false;
  styled(page, () => {
    if (!closed) {
      document.body.classList.add("in-room");
      show(false);
      map?.before(room);
      map?.append(swap);
      place();
      low.onchange = place;
      room.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
      if (map) {
        resized.observe(map);
      }
    }
  });

  return {
    words,
    tiles: part("tiles"),
    /** For who does not see. @param {string} text */
    say(text) {
      said.textContent = text;
    },
    /**
     * The one line under the tiles.
     * @param {string} text
     * @param {string} key what it is about
     */
    tell(text, key) {
      if (word.textContent !== text) {
        word.textContent = text;
        word.dataset.about = key;
      }
    },
    /**
     * @param {{ microphone: object | null, muted: boolean, camera: object | null, facing: string, hasTwoCameras: boolean }} devices
     */
    devices({ microphone, muted, camera, facing, hasTwoCameras }) {
      turn(buttons.microphone, microphone === null ? "none" : muted ? "off" : "on", "microphone", words);
      turn(buttons.camera, camera === null ? "off" : "on", "camera", words);
      buttons.facing.hidden = camera === null || !hasTwoCameras;
      write(buttons.facing, say(words, `facing_${facing}`));
    },
    /** @param {string} why it ended, if not by the reader's own tap */
    close(why) {
      closed = true;
      const hadFocus = dock.contains(document.activeElement) || room.contains(document.activeElement);
      resized.disconnect();
      low.onchange = null;
      [room, dock, swap].forEach((element) => element.remove());
      document.body.classList.remove("in-room");
      delete document.body.dataset.room;
      requestAnimationFrame(refit);
      if (why) {
        explain(why);
      }
      if (hadFocus) {
        document.getElementById("room-join")?.focus();
      }
    },
  };
}

/** The map learns its new size; after the end there is none. */
function refit() {
  if (!document.body.classList.contains("over")) {
    globalThis.liveMap?.map.invalidateSize({ animate: false });
  }
}

/**
 * The style sheet comes with the room; nothing is shown before it is there.
 * @param {Document} page
 * @param {() => void} ready
 */
function styled(page, ready) {
  const link = page.querySelector("link");
  const known = link && [...document.querySelectorAll("link")].some((one) => one.getAttribute("href") === link.getAttribute("href"));
  if (!link || known) {
    ready();
    return;
  }
  let done = false;
  const once = () => {
    if (!done) {
      done = true;
      ready();
    }
  };
  link.addEventListener("load", once);
  link.addEventListener("error", once);
  setTimeout(once, STYLED_WITHIN);
  document.head.append(link);
}

/** @param {string} why */
function explain(why) {
  const line = document.createElement("p");
  line.id = "room-why";
  line.setAttribute("role", "status");
  document.getElementById("room-door")?.append(line);
  line.textContent = why;
}

/** @param {string} text */
function label(text) {
  const words = document.createElement("span");
  words.textContent = text;
  return words;
}

/**
 * @param {HTMLElement} button
 * @param {string} state
 * @param {string} name
 * @param {Record<string, string>} words
 */
function turn(button, state, name, words) {
  button.dataset.state = state;
  button.setAttribute("aria-checked", String(state === "on"));
  write(button, say(words, `${name}_${state}`));
}

/**
 * @param {HTMLElement} button
 * @param {string} text
 */
function write(button, text) {
  const small = button.querySelector("small");
  if (small && small.textContent !== text) {
    small.textContent = text;
  }
}
