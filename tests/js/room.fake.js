// A service with one room and a browser's connection to it: small enough to be read, true enough to be joined.

import { Desk } from "../../static/js/parts/roomdesk.js";

export const OFFER = "v=0";

/** A connection whose state the test sets. */
class FakePeer {
  constructor() {
    /** @type {RTCPeerConnectionState} */
    this.connectionState = "new";
    this.closed = false;
    /** @type {(() => void) | null} */
    this.onconnectionstatechange = null;
    /** @type {RTCSessionDescriptionInit | null} */
    this.localDescription = null;
    this.configuration = { iceServers: [] };
    this.lines = Array.from({ length: 16 }, (_none, index) => line(`${index % 2 ? "v" : "a"}${Math.trunc(index / 2)}`));
  }

  /** @param {RTCSessionDescriptionInit} offer */
  setRemoteDescription(offer) {
    return offer.sdp === OFFER ? Promise.resolve() : Promise.reject(new Error("no such offer"));
  }

  createAnswer() {
    return Promise.resolve({ type: "answer", sdp: "answered" });
  }

  /** @param {RTCSessionDescriptionInit} answer */
  setLocalDescription(answer) {
    this.localDescription = answer;
    return Promise.resolve();
  }

  getTransceivers() {
    return this.lines;
  }

  getConfiguration() {
    return this.configuration;
  }

  /** @param {any} configuration */
  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  close() {
    this.closed = true;
  }

  /** @param {RTCPeerConnectionState} state */
  becomes(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  /** Names of the lines that take something. */
  get takes() {
    return this.lines.filter((one) => one.direction === "recvonly").map((one) => one.mid);
  }

  /** Names of the lines that send, with what they send. */
  get sends() {
    return Object.fromEntries(this.lines.filter((one) => one.direction === "sendonly").map((one) => [one.mid, one.sender.track]));
  }
}

/** @param {string} mid */
function line(mid) {
  const sender = {
    /** @type {unknown} */
    track: null,
    /** @param {unknown} track */
    replaceTrack(track) {
      sender.track = track;
      return Promise.resolve();
    },
    getParameters: () => ({ encodings: [{}] }),
    /** @param {{ encodings: { maxBitrate?: number }[] }} parameters */
    setParameters(parameters) {
      sender.limit = parameters.encodings[0]?.maxBitrate ?? 0;
      return Promise.resolve();
    },
    limit: 0,
  };
  return { mid, direction: "inactive", sender };
}

/** The service. `answers` are given one after the other before it gives seats again. */
export class FakeDesk {
  constructor() {
    /** @type {string[]} */
    this.asked = [];
    /** @type {FakePeer[]} */
    this.peers = [];
    /** @type {string[]} */
    this.states = [];
    /** @type {{ status: number, code?: string, retryAfter?: number }[]} */
    this.answers = [];
    this.takings = 0;
    this.offer = OFFER;
    /** @type {RoomKind[]} */
    this.hears = ["audio", "video"];
    /** @type {Record<RoomKind, any>} */
    this.tracks = { audio: "voice", video: null };
  }

  /** What parts/roomcall.js asks for. @returns {any} */
  get around() {
    return {
      desk: new Desk("/room", /** @type {any} */ ((/** @type {string} */ url, /** @type {{ method: string }} */ { method }) => this.#answer(method, url))),
      me: 1,
      peer: () => {
        const peer = new FakePeer();
        this.peers.push(peer);
        return peer;
      },
      hears: (/** @type {RoomKind} */ kind) => this.hears.includes(kind),
      tracks: () => this.tracks,
      onState: (/** @type {string} */ state) => this.states.push(state),
      onPeer: () => undefined,
    };
  }

  get peer() {
    const peer = this.peers.at(-1);
    if (!peer) {
      throw new Error("nobody connected");
    }
    return peer;
  }

  /**
   * Who sits there, with this taking of the reader's seat or without her or him.
   * @param {string | null} taking
   * @returns {RoomLine}
   */
  line(taking = `taking-${this.takings}`) {
    /** @type {RoomSeat} */
    const seat = { seat: 0, contact: 1, her: false, state: "connected", publishes: ["audio"], hears: true, taking: taking ?? "" };
    return { up: true, seats: taking === null ? [] : [seat] };
  }

  /**
   * @param {string} method
   * @param {string} url
   */
  #answer(method, url) {
    this.asked.push(`${method} ${url}`);
    const refusal = method === "POST" ? this.answers.shift() : undefined;
    if (refusal?.status === 0) {
      return Promise.reject(new TypeError("no network"));
    }
    if (refusal) {
      return Promise.resolve(response(refusal.status, { error: { code: refusal.code ?? "" } }, refusal.retryAfter));
    }
    if (method === "POST") {
      this.takings += 1;
      return Promise.resolve(response(201, { seat: 0, offer: this.offer, taking: `taking-${this.takings}`, ice_servers: [] }));
    }
    return Promise.resolve(method === "GET" ? response(200, { ice_servers: [{ urls: "turn:relay" }] }) : response(204, null));
  }
}

/**
 * @param {number} status
 * @param {unknown} body
 * @param {number} [retryAfter]
 */
function response(status, body, retryAfter = 0) {
  return { status, json: () => Promise.resolve(body), headers: new Map([["Retry-After", String(retryAfter)]]) };
}
