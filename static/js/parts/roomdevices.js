// The microphone and the camera: each asked for by a tap of its own, kept through every reconnection.

import { refusal } from "../pure/roomseats.js";

const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 30 } };

/** Voices near the telephone. */
const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** @typedef {"microphone" | "camera"} Device */
/** @typedef {{ changed: () => void, told: (word: string) => void }} DevicesAround */

export class Devices {
  /**
   * @param {DevicesAround} around `told` gets a key of the words, or nothing when all is well
   * @param {{ sound?: MediaTrackConstraints, facing?: "user" | "environment" }} [wanted]
   */
  constructor(around, { sound = SPEECH, facing = "user" } = {}) {
    this.around = around;
    this.sound = sound;
    /** @type {MediaStreamTrack | null} */
    this.microphone = null;
    /** @type {MediaStreamTrack | null} */
    this.camera = null;
    this.muted = false;
    /** @type {"user" | "environment"} */
    this.facing = facing;
    this.hasTwoCameras = false;
    this.closed = false;
    /** @type {Set<Device>} */
    this.asking = new Set();
  }

  /** What goes out now. @returns {Record<RoomKind, MediaStreamTrack | null>} */
  tracks() {
    return { audio: this.muted ? null : this.microphone, video: this.camera };
  }

  /** Ask for the microphone, and nothing else. */
  async openMicrophone() {
    const track = await this.#ask("microphone", { audio: this.sound });
    if (track) {
      this.microphone = track;
      this.muted = false;
      track.onended = () => {
        this.microphone = null;
        this.#lost("microphone");
      };
      track.onmute = () => this.around.told("microphone_busy");
      track.onunmute = () => this.around.told("");
    }
    this.around.changed();
  }

  /** Muted means that nothing is sent; without a microphone it is asked for again. */
  async toggleMicrophone() {
    if (!this.microphone) {
      await this.openMicrophone();
      return;
    }
    this.muted = !this.muted;
    this.microphone.enabled = !this.muted;
    this.around.changed();
  }

  async toggleCamera() {
    if (this.camera) {
      this.#closeCamera();
      this.around.changed();
    } else {
      await this.#openCamera();
    }
  }

  /** The other camera of a telephone; the first comes back if there is none. */
  async turnCamera() {
    const before = this.facing;
    this.facing = before === "user" ? "environment" : "user";
    this.#closeCamera(); // a telephone opens one at a time
    await this.#openCamera();
    if (!this.camera) {
      this.facing = before;
      await this.#openCamera();
    }
  }

  /** Everything off, for good. */
  close() {
    this.closed = true;
    this.microphone?.stop();
    this.microphone = null;
    this.#closeCamera();
  }

  async #openCamera() {
    const track = await this.#ask("camera", { video: { ...PICTURE, facingMode: this.facing } });
    if (track) {
      this.#closeCamera();
      this.camera = track;
      track.onended = () => {
        this.camera = null;
        this.#lost("camera");
      };
      this.around.changed(); // Firefox tells how many cameras there are only to a page in front: nobody waits for that
      const known = await navigator.mediaDevices.enumerateDevices().catch(() => []);
      this.hasTwoCameras = known.filter(({ kind }) => kind === "videoinput").length > 1;
    }
    this.around.changed();
  }

  #closeCamera() {
    if (this.camera) {
      this.camera.onended = null;
      this.camera.stop();
      this.camera = null;
    }
  }

  /** @param {Device} what */
  #lost(what) {
    if (!this.closed) {
      this.around.told(`${what}_lost`);
      this.around.changed();
    }
  }

  /**
   * @param {Device} what
   * @param {MediaStreamConstraints} constraints
   * @returns {Promise<MediaStreamTrack | null>}
   */
  async #ask(what, constraints) {
    if (this.asking.has(what)) {
      return null;
    }
    this.asking.add(what);
    this.around.told(`${what}_asked`);
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      this.around.told("");
      return this.#kept(stream);
    } catch (error) {
      this.around.told(refusal(what, error));
      return null;
    } finally {
      this.asking.delete(what);
    }
  }

  /** What was allowed after the end is switched off. @param {MediaStream} stream */
  #kept(stream) {
    if (this.closed) {
      stream.getTracks().forEach((track) => track.stop());
    }
    return this.closed ? null : stream.getTracks()[0] ?? null;
  }
}
