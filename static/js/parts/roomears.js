// What is heard: one element for each seat, made in the tap that joined; how loud, and how good the connection is.

import { judge, listen, paused, quality, silence } from "../pure/roomsound.js";

const LISTENING = 100; // a word is short
const COUNTING = 2000;

/**
 * @typedef {{
 *   shown: () => number[],
 *   voices: (voices: RoomVoices) => void,
 *   quality: (said: RoomQuality, still: number[]) => void,
 *   own: (level: number) => void,
 *   refused: () => void,
 * }} EarsAround
 */

export class Ears {
  /**
   * @param {HTMLAudioElement[]} elements
   * @param {EarsAround} around
   */
  constructor(elements, around) {
    this.elements = elements;
    this.around = around;
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @type {Map<number, RTCRtpReceiver>} */
    this.receivers = new Map();
    /** Which packet was heard last, by seat. @type {Map<number, number>} */
    this.stamps = new Map();
    this.voices = silence();
    /** @type {RoomCounts | null} */
    this.counts = null;
    /** @type {RoomJudgement} */
    this.judgement = { said: "good", seen: "good", times: 0 };
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.beat = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.count = undefined;
  }

  /**
   * Hear a new connection, or nothing.
   * @param {RTCPeerConnection | null} peer
   * @param {number} own seat
   */
  attach(peer, own) {
    clearInterval(this.beat);
    clearInterval(this.count);
    this.peer = peer;
    this.receivers = receiversOf(peer, own);
    this.stamps.clear();
    this.counts = null;
    this.voices = silence();
    this.judgement = { said: "good", seen: "good", times: 0 };
    this.elements.forEach((element, seat) => this.#sound(element, this.receivers.get(seat)));
    if (peer) {
      this.beat = setInterval(() => this.#listen(), LISTENING);
      this.count = setInterval(() => this.#count(peer), COUNTING);
    }
  }

  /** Begin to sound, in a tap. */
  play() {
    this.elements.filter((element) => element.srcObject).forEach((element) => element.play().catch(() => undefined));
  }

  /**
   * @param {HTMLAudioElement} element
   * @param {RTCRtpReceiver | undefined} receiver
   */
  #sound(element, receiver) {
    element.srcObject = receiver ? new MediaStream([receiver.track]) : null;
    if (receiver) {
      element.play().catch((error) => error.name === "NotAllowedError" && this.around.refused());
    }
  }

  #listen() {
    const levels = new Map();
    this.receivers.forEach((receiver, seat) => {
      const [source] = receiver.getSynchronizationSources();
      const stamp = source?.rtpTimestamp ?? 0;
      levels.set(seat, stamp === this.stamps.get(seat) ? 0 : source?.audioLevel ?? 0); // what does not move is old
      this.stamps.set(seat, stamp);
    });
    this.voices = listen(this.voices, levels, performance.now());
    this.around.voices(this.voices);
  }

  /** @param {RTCPeerConnection} peer */
  async #count(peer) {
    const report = await peer.getStats().catch(() => null);
    if (!report || peer !== this.peer) {
      return;
    }
    const counts = read(report);
    this.around.own(counts.own);
    const before = this.counts;
    this.counts = counts;
    if (before) {
      const shown = this.around.shown();
      this.judgement = judge(this.judgement, quality(before, counts, shown));
      this.around.quality(this.judgement.said, paused(before, counts, shown));
    }
  }
}

/**
 * @param {RTCPeerConnection | null} peer
 * @param {number} own seat
 * @returns {Map<number, RTCRtpReceiver>} what is heard, by seat
 */
function receiversOf(peer, own) {
  const lines = (peer?.getTransceivers() ?? []).filter(({ mid }) => mid?.startsWith("a") && mid !== `a${own}`);
  return new Map(lines.map(({ mid, receiver }) => [Number(mid?.slice(1)), receiver]));
}

/** @type {Record<string, (counts: RoomCounts, one: any) => void>} */
const READERS = {
  "inbound-rtp": hear,
  "remote-inbound-rtp": (counts, { fractionLost = 0 }) => {
    counts.missed = Math.max(counts.missed, fractionLost);
  },
  "candidate-pair": (counts, { nominated, currentRoundTripTime = 0 }) => {
    counts.roundTrip = nominated ? Math.max(counts.roundTrip, currentRoundTripTime) : counts.roundTrip;
  },
  "media-source": (counts, { audioLevel = 0 }) => {
    counts.own = Math.max(counts.own, audioLevel);
  },
};

/**
 * @param {RTCStatsReport} report
 * @returns {RoomCounts}
 */
function read(report) {
  /** @type {RoomCounts} */
  const counts = { received: 0, lost: 0, concealed: 0, samples: 0, roundTrip: 0, missed: 0, own: 0, pictures: new Map() };
  report.forEach((one) => READERS[one.type]?.(counts, one));
  return counts;
}

/** @type {typeof READERS[string]} */
function hear(counts, { kind, mid, framesDecoded = 0, packetsReceived = 0, packetsLost = 0, ...one }) {
  counts.received += packetsReceived;
  counts.lost += packetsLost;
  if (kind === "audio") {
    sound(counts, one);
  } else if (mid) {
    counts.pictures.set(Number(mid.slice(1)), framesDecoded);
  }
}

/** @type {typeof READERS[string]} */
function sound(counts, { concealedSamples = 0, silentConcealedSamples = 0, totalSamplesReceived = 0 }) {
  counts.concealed += concealedSamples - silentConcealedSamples;
  counts.samples += totalSamplesReceived;
}
