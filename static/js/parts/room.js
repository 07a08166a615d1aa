// The video room on the live page: loaded when somebody joins. The map, the roles and the 17 never wait for it.

import { comings, tiles } from "../pure/roomseats.js";
import { say, together } from "../pure/wording.js";
import { stayAwake } from "./phone/awake.js";
import { Call } from "./roomcall.js";
import { Desk } from "./roomdesk.js";
import { Devices } from "./roomdevices.js";
import { Ears } from "./roomears.js";
import { roomFrame } from "./roomframe.js";
import { lineOf } from "./roomlines.js";
import { Tiles } from "./roomtiles.js";

const SAYING = 1500; // those who come together are said together
const OWN_VOICE = 0.02;

/** @typedef {{ markup: string, url: string, state: LiveSnapshot, words: Record<string, string>, ears: HTMLAudioElement[], left: () => void }} RoomAround */

class Room {
  /** @param {RoomAround} around */
  constructor(around) {
    this.around = around;
    this.live = around.state;
    this.frame = roomFrame(around.markup, {
      microphone: () => this.devices.toggleMicrophone(),
      camera: () => this.devices.toggleCamera(),
      facing: () => this.devices.turnCamera(),
      hangUp: () => this.call.leave(),
    });
    this.words = { ...around.words, ...this.frame.words };
    /** @type {RoomSeat[]} */
    this.seats = [];
    /** @type {Set<number>} */
    this.still = new Set();
    /** @type {RoomMemory | null} */
    this.memory = null;
    /** @type {string[]} */
    this.unsaid = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.saying = undefined;
    /** What is said under the tiles, the most important first. */
    this.said = { standing: "joining", device: "", unheard: "", quality: "" };
    this.devices = new Devices({ changed: () => this.#devicesChanged(), told: (word) => this.#tell({ device: word }) });
    this.tiles = new Tiles(this.frame.tiles, {
      words: this.words,
      line: (seat) => lineOf(this.call.peer, "video", seat)?.receiver.track ?? null,
      own: () => this.devices.camera,
      mirrored: () => this.devices.facing === "user",
    });
    this.ears = new Ears(around.ears, {
      shown: () => this.#people().filter((person) => person.video && !person.you).map((person) => person.seat),
      voices: (voices) => this.tiles.speak(voices),
      quality: (said, still) => this.#judged(said, still),
      own: (level) => this.tiles.speakOwn(level > OWN_VOICE && !this.devices.muted),
      refused: () => this.#tell({ unheard: "unheard" }),
    });
    this.call = new Call({
      desk: new Desk(around.url, (where, how) => fetch(where, how)),
      me: around.state.responders.find((person) => person.you)?.contact ?? -1,
      peer: (servers) => new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" }),
      hears: () => true,
      tracks: () => this.devices.tracks(),
      onState: (state) => this.#stands(state),
      onPeer: (peer, seat) => this.#connection(peer, seat),
    });
    this.goodbye = () => this.call.leave();
    this.wake = () => document.visibilityState === "visible" && this.call.wake();
    this.touched = () => {
      this.ears.play();
      this.#tell({ unheard: "" });
    };
  }

  open() {
    window.addEventListener("pagehide", this.goodbye);
    window.addEventListener("leaving", this.goodbye);
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    document.addEventListener("click", this.touched);
    stayAwake(true);
    this.#devicesChanged();
    if (typeof RTCPeerConnection === "undefined") {
      this.#stands("unable");
      return;
    }
    this.call.start();
    this.devices.openMicrophone();
  }

  /** Every news of the page. @param {LiveSnapshot} state */
  hear(state) {
    this.live = state;
    if (state.alert.ended) {
      this.call.end();
      return;
    }
    if (state.room?.up) {
      this.seats = state.room.seats;
    }
    this.call.hear(state.room);
    this.#draw();
  }

  /** Everybody, and the reader even before the service says so. */
  #people() {
    const { me } = this.call.around;
    const seats = this.seats.filter((seat) => seat.contact !== me);
    const audio = this.devices.microphone !== null && !this.devices.muted;
    /** @type {RoomSeat} */
    const own = {
      seat: this.call.taken?.seat ?? -1, contact: me, her: false, state: "connected", taking: "own",
      publishes: audio ? ["audio"] : [], hears: true,
    };
    return tiles(this.live, [...seats, own]);
  }

  #draw() {
    if (!this.call.isGoingOn) {
      return;
    }
    const people = this.#people();
    this.tiles.show(people, this.still);
    this.tiles.speak(this.ears.voices);
    this.#write(people);
    const connected = this.call.state === "in";
    if (connected) {
      const { memory, came, went } = comings(this.memory, people, performance.now());
      this.memory = memory;
      this.#announce("came", came);
      this.#announce("went", went);
    }
  }

  /** @param {string} key */
  #named(key) {
    return this.live.responders.find((person) => String(person.contact) === key)?.name ?? "";
  }

  /**
   * Her microphone has a sentence of its own.
   * @param {"came" | "went"} how
   * @param {string[]} keys
   */
  #announce(how, keys) {
    const names = keys.filter((key) => key !== "her").map((key) => this.#named(key));
    if (names.length) {
      this.unsaid.push(say(this.words, `${how}_${names.length > 1 ? "many" : "one"}`, { names: together(this.words, names) }));
    }
    if (names.length < keys.length) {
      this.unsaid.push(say(this.words, `${how}_her`, { name: this.live.victim.name }));
    }
    if (keys.length) {
      this.saying ??= setTimeout(() => {
        this.frame.say(this.unsaid.join(". "));
        this.unsaid = [];
        this.saying = undefined;
      }, SAYING);
    }
  }

  /** @param {RoomState} state */
  #stands(state) {
    if (this.call?.isGoingOn) {
      this.#tell({ standing: state === "in" ? "" : state });
      this.#draw();
      return;
    }
    this.#close(state);
  }

  /**
   * @param {RTCPeerConnection | null} peer
   * @param {number} seat
   */
  #connection(peer, seat) {
    this.still = new Set();
    this.tiles.renew();
    this.ears.attach(peer, seat);
    this.#tell({ quality: "" });
    this.#draw();
  }

  #devicesChanged() {
    this.frame.devices(this.devices);
    this.call?.apply();
    this.#draw();
  }

  /**
   * @param {RoomQuality} said
   * @param {number[]} still
   */
  #judged(said, still) {
    this.still = new Set(still);
    this.said.quality = `link_${said}`;
    this.#draw();
  }

  /** @param {Partial<Record<"standing" | "device" | "unheard" | "quality", string>>} news */
  #tell(news) {
    Object.assign(this.said, news);
    this.#write(this.#people());
  }

  /** @param {RoomTile[]} people */
  #write(people) {
    const { standing, unheard, device, quality } = this.said;
    const key = standing || unheard || device || calm(people, quality);
    this.frame.tell(say(this.words, key, { name: this.live.victim.name }), key);
  }

  /** @param {RoomState} state why it ends here */
  #close(state) {
    window.removeEventListener("pagehide", this.goodbye);
    window.removeEventListener("leaving", this.goodbye);
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    document.removeEventListener("click", this.touched);
    clearTimeout(this.saying);
    stayAwake(false);
    this.ears.attach(null, -1);
    this.devices.close();
    this.tiles.close();
    this.frame.close(state === "left" ? "" : say(this.words, state));
    this.around.left();
  }
}

/**
 * What is worth a line when nothing is wrong: whether her telephone plays what is said here comes before all else.
 * @param {RoomTile[]} people
 * @param {string} quality
 */
function calm(people, quality) {
  const her = people.find((person) => person.key === "her");
  if (her?.hears) {
    return "her_hears";
  }
  if (quality !== "" && quality !== "link_good") {
    return quality;
  }
  return her ? "her_silent" : people.length > 1 ? "link_good" : "alone";
}

/**
 * @param {RoomAround} around
 * @returns {{ hear: (state: LiveSnapshot) => void }}
 */
export function openRoom(around) {
  const room = new Room(around);
  room.open();
  room.hear(around.state);
  return { hear: (state) => room.hear(state) };
}
