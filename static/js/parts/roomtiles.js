// One tile for each person: a face or two letters, a name, what she or he does. An empty seat leaves nothing behind.

import { fit, grid } from "../pure/roomgrid.js";
import { initials, say } from "../pure/wording.js";

const LOW = 110; // pixels: below it there is room for a name, not for what its owner does
const NARROW = 136;

/** @typedef {{ words: Record<string, string>, line: (seat: number) => MediaStreamTrack | null, own: () => MediaStreamTrack | null, mirrored: () => boolean }} TilesAround */

class Tile {
  /**
   * @param {TilesAround} around
   * @param {() => void} changed
   */
  constructor(around, changed) {
    this.around = around;
    this.changed = changed;
    this.seat = -1;
    this.you = false;
    this.taking = "";
    this.element = document.createElement("li");
    this.element.className = "tile";
    this.letters = part("span", "letters");
    this.letters.setAttribute("aria-hidden", "true");
    this.name = part("p", "tag");
    this.note = part("p", "note");
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-hidden", "true");
    this.video.addEventListener("loadeddata", () => this.#reveal());
    this.video.addEventListener("resize", changed);
    this.element.append(this.letters, this.video, this.name, this.note);
  }

  /**
   * @param {RoomTile} person
   * @param {boolean} still
   */
  show(person, still) {
    const { words } = this.around;
    if (person.taking !== this.taking) {
      this.forget(); // whatever was seen was somebody else's, or of another connection
      this.taking = person.taking;
    }
    this.seat = person.seat;
    this.you = person.you;
    this.element.dataset.seat = String(person.seat);
    this.element.toggleAttribute("data-you", person.you);
    this.element.dataset.state = person.state;
    write(this.letters, initials(person.name));
    this.#name(person.you ? say(words, "tile_you") : person.name, person.role ? say(words, person.role) : "");
    write(this.note, this.#noteOf(person, still));
    this.element.toggleAttribute("data-noted", this.note.textContent !== "");
    this.#picture(person, still);
  }

  /** No picture until there is a new one. */
  forget() {
    this.video.srcObject = null;
    this.element.removeAttribute("data-picture");
  }

  /** Width by height of the picture; 0 without one. */
  get shape() {
    return this.element.hasAttribute("data-picture") ? this.video.videoWidth / this.video.videoHeight : 0;
  }

  arrange() {
    const { clientWidth, clientHeight } = this.element;
    this.video.style.objectFit = fit(this.shape, clientWidth / clientHeight);
  }

  remove() {
    this.forget();
    this.element.remove();
  }

  /**
   * @param {RoomTile} person
   * @param {boolean} still
   */
  #picture(person, still) {
    const track = person.you ? this.around.own() : person.video ? this.around.line(person.seat) : null;
    const held = this.video.srcObject;
    const before = held instanceof MediaStream ? held.getVideoTracks()[0] : undefined;
    if (!track) {
      this.forget();
    } else if (track !== before) {
      this.element.removeAttribute("data-picture");
      this.video.srcObject = new MediaStream([track]);
      this.video.play().catch(() => undefined); // a power-saving telephone refuses: two letters stand there
    }
    this.element.toggleAttribute("data-still", still && !person.you);
    this.element.toggleAttribute("data-mirrored", person.you && this.around.mirrored());
  }

  #reveal() {
    this.element.toggleAttribute("data-picture", this.video.srcObject !== null);
    this.changed();
  }

  /**
   * @param {string} name
   * @param {string} role
   */
  #name(name, role) {
    const text = role ? say(this.around.words, "tile", { name, role }) : name;
    if (this.name.dataset.text !== text) {
      this.name.dataset.text = text;
      const strong = document.createElement("b");
      strong.textContent = name;
      const doing = part("span", "role");
      doing.textContent = text.startsWith(name) ? text.slice(name.length) : "";
      this.name.replaceChildren(strong, doing);
    }
  }

  /**
   * @param {RoomTile} person
   * @param {boolean} still
   */
  #noteOf(person, still) {
    const open = person.key === "her" ? "open" : "";
    const key = person.state === "joining" ? "joining" : !person.audio ? "muted" : still ? "paused" : open;
    return say(this.around.words, `tile_${key}`);
  }
}

export class Tiles {
  /**
   * @param {HTMLElement} list
   * @param {TilesAround} around
   */
  constructor(list, around) {
    this.list = list;
    this.around = around;
    /** @type {Map<string, Tile>} */
    this.shown = new Map();
    this.watcher = new ResizeObserver(() => this.#arrange());
    this.watcher.observe(list);
  }

  /**
   * @param {RoomTile[]} people
   * @param {Set<number>} still seats whose picture does not move
   */
  show(people, still) {
    const keys = new Set(people.map((person) => person.key));
    this.shown.forEach((tile, key) => {
      if (!keys.has(key)) {
        tile.remove();
        this.shown.delete(key);
      }
    });
    people.forEach((person, index) => {
      const tile = this.shown.get(person.key) ?? new Tile(this.around, () => this.#arrange());
      this.shown.set(person.key, tile);
      if (this.list.children[index] !== tile.element) {
        this.list.insertBefore(tile.element, this.list.children[index] ?? null);
      }
      tile.show(person, still.has(person.seat));
    });
    this.#arrange();
  }

  /** @param {RoomVoices} voices */
  speak({ speaking, loudest }) {
    const tiles = [...this.shown.values()];
    const first = tiles.find((tile) => tile.seat === loudest && !tile.you) ?? tiles.find((tile) => !tile.you) ?? tiles[0];
    for (const tile of tiles) {
      if (!tile.you) {
        tile.element.toggleAttribute("data-speaks", speaking.has(tile.seat));
      }
      tile.element.toggleAttribute("data-first", tile === first);
    }
  }

  /** @param {boolean} speaks the reader */
  speakOwn(speaks) {
    [...this.shown.values()].find((tile) => tile.you)?.element.toggleAttribute("data-speaks", speaks);
  }

  /** Every picture again: the connection is another one. */
  renew() {
    this.shown.forEach((tile) => tile.forget());
  }

  close() {
    this.watcher.disconnect();
    this.shown.forEach((tile) => tile.remove());
    this.shown.clear();
  }

  #arrange() {
    const { clientWidth: width, clientHeight: height } = this.list;
    const pictures = [...this.shown.values()].map((tile) => tile.shape);
    const { columns, rows } = grid(this.shown.size, { width, height }, pictures);
    this.list.style.setProperty("--columns", String(columns));
    this.list.style.setProperty("--rows", String(rows));
    this.list.toggleAttribute("data-small", height / rows < LOW || width / columns < NARROW);
    this.shown.forEach((tile) => tile.arrange());
  }
}

/**
 * @param {string} tag
 * @param {string} className
 */
function part(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
