// Her own seat: her microphone, then her camera, each opened by her own hand. Nothing of the others is taken, so that
// nothing can sound here, unless she asks to hear.

import { verdict } from "../pure/roomseats.js";
import { Call } from "./roomcall.js";
import { Devices } from "./roomdevices.js";
import { HerDesk } from "./roomherdesk.js";

const LOOKING = 2000; // nobody tells this page anything
/** What is far from the telephone, or under a pillow, is no noise. */
const SOUND = { echoCancellation: true, noiseSuppression: false, autoGainControl: true };

/** @implements {HerSeatHandle} */
export class HerSeat {
  /** @param {HerSeatAround} around */
  constructor({ api, told, ended }) {
    this.told = told;
    this.ended = ended;
    this.desk = new HerDesk(api);
    /** @type {HTMLAudioElement[]} */
    this.ears = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.looking = undefined;
    this.closed = false;
    this.device = "";
    this.devices = new Devices({ changed: () => this.#devicesChanged(), told: (word) => this.#say(word) }, { sound: SOUND, facing: "environment" });
    this.call = new Call({
      desk: this.desk,
      me: null,
      peer: (servers) => new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" }),
      hears: (kind) => kind === "audio" && this.ears.length > 0,
      tracks: () => this.devices.tracks(),
      onState: (state) => this.#stands(state),
      onPeer: (peer) => this.#sound(peer),
    });
    this.wake = () => document.visibilityState === "visible" && this.call.wake();
  }

  /** Without a microphone nobody sits down. */
  async open() {
    if (typeof RTCPeerConnection === "undefined") {
      this.ended("unable");
      return;
    }
    await this.devices.openMicrophone();
    if (this.closed) {
      return;
    }
    if (!this.devices.microphone) {
      this.ended(this.device);
      return;
    }
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.call.start();
    this.#lookSoon();
  }

  /** Everything off, at once and for good. */
  close() {
    this.closed = true;
    this.devices.close();
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.looking);
    this.call.leave();
    this.#hush();
  }

  toggleCamera() {
    return this.devices.toggleCamera();
  }

  turnCamera() {
    return this.devices.turnCamera();
  }

  /**
   * Hear the others, or not any more: an answer for good says which, so the seat is taken anew.
   * @param {HTMLAudioElement[]} ears made in her tap; none to hear nothing
   */
  hear(ears) {
    this.#hush();
    this.ears = ears;
    this.told({ hears: ears.length > 0 });
    this.call.anew();
  }

  #hush() {
    this.ears.forEach((ear) => {
      ear.srcObject = null;
    });
  }

  /** @param {RTCPeerConnection | null} peer */
  #sound(peer) {
    for (const { mid, direction, receiver } of peer?.getTransceivers() ?? []) {
      const ear = this.ears[Number(mid?.slice(1))];
      if (ear && direction === "recvonly" && receiver.track.kind === "audio") {
        ear.srcObject = new MediaStream([receiver.track]);
        ear.play().catch(() => undefined); // refused: her microphone goes on
      }
    }
  }

  /** @param {string} word */
  #say(word) {
    this.device = word;
    this.told({ device: word });
  }

  #devicesChanged() {
    if (this.closed) {
      return;
    }
    const { camera, facing, hasTwoCameras, microphone } = this.devices;
    this.told({ picture: camera ? facing : "", hasTwoCameras });
    if (microphone) {
      this.call.apply();
    } else if (this.call.isGoingOn) {
      this.ended("microphone_lost");
    }
  }

  /** @param {RoomState} state */
  #stands(state) {
    if (this.call.isGoingOn) {
      this.told({ standing: state });
    } else if (!this.closed) {
      this.ended(state);
    }
  }

  #lookSoon() {
    this.looking = setTimeout(() => this.#look(), LOOKING);
  }

  /** How her seat stands; nothing is believed that was asked for before she sat down anew. */
  async #look() {
    const { turn } = this.call;
    const { status, code, body } = await this.desk.look();
    if (this.closed) {
      return;
    }
    if (status === 200 && turn === this.call.turn) {
      this.told({ heard: body.heard, listeners: body.listeners });
      this.call.hear(this.desk.lineOf(body));
    } else if (verdict(status, code) === "over") {
      this.call.end();
    }
    if (!this.closed) {
      this.#lookSoon();
    }
  }
}
