/**
 * The microphone, and what a browser makes of its sound: files of a minute, handed over second by second. This code is
 * on the page only where she chose to record; the worker keeps it, so that it comes without a network.
 */

const SECOND_MS = 1000;
const SEGMENT_MS = 60_000;
const BITS_A_SECOND = 24_000;
/** The last bytes come within this, or not at all. */
const LAST_MS = 2000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=opus", "audio/mp4"];
/** What is far from the telephone, or under a pillow, is no noise; nothing else is done to the sound. */
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: true };

/** What this browser would record, or nothing. */
export function mediaType() {
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

/** Ask for it. @returns {Promise<MediaStream>} */
export function ask() {
  return navigator.mediaDevices.getUserMedia({ audio: SOUND });
}

/** @param {MediaStream | null} stream */
export function letGo(stream) {
  stream?.getTracks().forEach((track) => {
    track.onended = null;
    track.stop();
  });
}

/** @typedef {{recorder: MediaRecorder, number: number, isBegun: boolean, since: number, at: string}} Segment */

/** @implements {MicrophoneHandle} */
export class Microphone {
  #around;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Segment | null} */
  #present = null;
  /** Begun, and not yet heard of: the present one stops once it is. @type {Segment | null} */
  #next = null;
  #segments = 0;
  #isClosed = false;
  /** Bytes are read one after the other, so that they keep their order. @type {Promise<unknown>} */
  #reading = Promise.resolve();

  /** @param {MicrophoneAround} around */
  constructor(around) {
    this.#around = around;
  }

  /** Also again, after it was lost: the segments count on. */
  async open() {
    const stream = await ask();
    const track = stream.getAudioTracks()[0];
    if (this.#isClosed || !track) {
      letGo(stream); // allowed after the end
      return;
    }
    this.#stream = stream;
    track.onended = () => this.#lose(stream);
    track.onmute = () => this.#around.muted(true);
    track.onunmute = () => this.#around.muted(false);
    this.#around.muted(track.muted);
    try {
      this.#present = this.#begin(stream);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Off at once. */
  async close() {
    this.#isClosed = true;
    await this.#release();
  }

  /** @param {MediaStream} stream */
  #begin(stream) {
    const recorder = new MediaRecorder(stream, { mimeType: mediaType(), audioBitsPerSecond: BITS_A_SECOND });
    /** @type {Segment} */
    const segment = {
      recorder, number: this.#segments, isBegun: false, since: performance.now(), at: new Date().toISOString(),
    };
    recorder.addEventListener("dataavailable", (event) => this.#take(segment, event.data));
    recorder.addEventListener("error", () => this.#fail(segment));
    recorder.start(SECOND_MS);
    this.#segments += 1;
    return segment;
  }

  /**
   * @param {Segment} segment
   * @param {Blob} blob
   */
  #take(segment, blob) {
    if (blob.size === 0) {
      return;
    }
    const piece = { segment: segment.number, first: !segment.isBegun, at: segment.at };
    segment.isBegun = true;
    segment.at = new Date().toISOString();
    const read = () => blob.arrayBuffer().then((bytes) => this.#around.heard({ ...piece, bytes }));
    this.#reading = this.#reading.then(read).catch(() => undefined); // one second less: the others go on
    this.#turn(segment);
  }

  /**
   * A minute is over: another recorder begins on the same sound, and the first one stops only once the other is heard.
   * For a second both record; between them nothing is lost.
   * @param {Segment} segment that was just heard
   */
  #turn(segment) {
    if (segment === this.#next) {
      stop(this.#present);
      [this.#present, this.#next] = [segment, null];
      return;
    }
    const old = performance.now() - Math.max(segment.since, this.#next?.since ?? 0);
    if (segment !== this.#present || this.#stream === null || old < SEGMENT_MS) {
      return;
    }
    stop(this.#next); // a minute, and never heard
    try {
      this.#next = this.#begin(this.#stream);
    } catch {
      this.#next = null; // the present one goes on
      segment.since = performance.now();
    }
  }

  /** @param {Segment} segment */
  #fail(segment) {
    if (segment === this.#next) {
      this.#next = null;
    } else if (segment === this.#present && this.#stream !== null) {
      this.#lose(this.#stream);
    }
  }

  /** @param {MediaStream} stream */
  #lose(stream) {
    if (stream === this.#stream) {
      this.#release();
      this.#around.lost();
    }
  }

  /** Everything off; kept once the last bytes are handed over. */
  async #release() {
    const ends = [this.#present, this.#next].map(ended);
    [this.#present, this.#next].forEach(stop);
    letGo(this.#stream);
    [this.#stream, this.#present, this.#next] = [null, null, null];
    await Promise.all(ends);
    await this.#reading;
  }
}

/** @param {Segment | null} segment */
function stop(segment) {
  if (segment !== null && segment.recorder.state !== "inactive") {
    segment.recorder.stop();
  }
}

/**
 * @param {Segment | null} segment
 * @returns {Promise<unknown>}
 */
function ended(segment) {
  return new Promise((resolve) => {
    if (segment === null || segment.recorder.state === "inactive") {
      resolve(undefined);
    } else {
      segment.recorder.addEventListener("stop", resolve, { once: true });
      setTimeout(resolve, LAST_MS);
    }
  });
}
