/**
 * The siren of a long press, where she chose one: made by the browser itself, so that it needs no network. Her own
 * gesture on this page starts it; nothing that is kept, received or called does. No key of the page silences it but her
 * code; the quick exit always does, because then she hides.
 */

/** Where ears are keen and small loudspeakers strong. */
const MIDDLE_HZ = 2500;
const DEPTH_HZ = 900;
const SWEEPS_HZ = 3.5;

/**
 * A square wave is the loudest that a given amplitude can be; the sweep makes it a siren, heard through a door.
 * @param {BaseAudioContext} context
 * @returns {() => void} stops it
 */
export function wire(context) {
  const voice = new OscillatorNode(context, { type: "square", frequency: MIDDLE_HZ });
  const sweep = new OscillatorNode(context, { type: "triangle", frequency: SWEEPS_HZ });
  const depth = new GainNode(context, { gain: DEPTH_HZ });
  sweep.connect(depth).connect(voice.frequency);
  voice.connect(context.destination);
  voice.start();
  sweep.start();
  return () => {
    voice.stop();
    sweep.stop();
    voice.disconnect();
  };
}

export class Siren {
  /** @type {AudioContext | null} */
  #context = null;

  constructor() {
    for (const leaving of ["leaving", "pagehide"]) {
      globalThis.addEventListener(leaving, () => this.stop());
    }
    for (const woken of ["pointerdown", "visibilitychange"]) {
      document.addEventListener(woken, () => this.#goOn());
    }
  }

  sounding() {
    return this.#context !== null;
  }

  /** @param {{listening: boolean}} [how] the sound is recorded, too */
  start({ listening } = { listening: false }) {
    if (this.#context !== null || !("AudioContext" in globalThis)) {
      return;
    }
    loud(listening);
    this.#context = new AudioContext();
    this.#context.addEventListener("statechange", () => this.#goOn());
    wire(this.#context);
    this.#goOn();
  }

  stop() {
    this.#context?.close();
    this.#context = null;
  }

  /** A call that comes in, or a browser that waits for a touch, silences it for a moment and not for good. */
  #goOn() {
    if (this.#context !== null && this.#context.state !== "running") {
      this.#context.resume().catch(() => undefined); // the next touch tries again
    }
  }
}

/**
 * On an iPhone whose switch says silent, only what plays as music is heard, and only who asks for both hears meanwhile
 * (Audio Session, W3C).
 * @param {boolean} listening
 */
function loud(listening) {
  if (navigator.audioSession) {
    navigator.audioSession.type = listening ? "play-and-record" : "playback";
  }
}
