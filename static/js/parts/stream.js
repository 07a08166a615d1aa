// Keeps the page current: a socket that comes back by itself, and the snapshot over HTTP while it cannot.

import { behind, pass, pause } from "../pure/stream.js";

const OPENING = 8000;
const BEGUN = 1_000;
const SILENCE = 25_000; // the server says something every ten seconds
const PATIENCE = 300; // for messages that overtook each other
const POLL = 3000;
const NO_SESSION = 4401;
const FOREIGN = 4403;
const ENDED = 4410;

/**
 * `onSnapshot` hears besides when (performance.now()) the server had not yet written the snapshot.
 * @typedef {{
 *   url: string,
 *   snapshotUrl: string,
 *   onSnapshot: (snapshot: LiveSnapshot, since: number) => void,
 *   onEvent: (event: LiveEvent) => void,
 *   onState: (state: "connecting" | "live" | "polling" | "offline" | "ended") => void,
 * }} Options
 */
class Stream {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {StreamGate} */
    this.gate = { last: 0, held: [] };
    this.failures = 0;
    this.heardAt = 0;
    this.openedAt = 0;
    this.live = false;
    this.over = false;
    this.reading = false;
    this.retry = 0;
    this.patience = 0;
    this.watch = setInterval(() => this.#watch(), POLL);
    this.wake = () => this.#wake();
    document.addEventListener("visibilitychange", this.wake);
    document.addEventListener("resume", this.wake);
    window.addEventListener("online", this.wake);
    window.addEventListener("pageshow", this.wake);
    this.#open();
  }

  #open() {
    clearTimeout(this.retry);
    if (this.over) {
      return;
    }
    this.#leave();
    if (this.failures === 0) {
      this.options.onState("connecting");
    }
    this.heardAt = performance.now();
    let socket;
    try {
      socket = new WebSocket(this.options.url);
    } catch {
      this.#failed();
      return;
    }
    socket.onopen = () => {
      this.openedAt = performance.now();
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#closed(code);
    this.socket = socket;
  }

  /** Let go of the socket without hearing from it again. */
  #leave() {
    this.live = false;
    if (this.socket) {
      this.socket.onopen = null;
      this.socket.onmessage = null;
      this.socket.onclose = null;
      this.socket.close();
      this.socket = null;
    }
  }

  /** @param {number} code */
  #closed(code) {
    this.#leave();
    if (code === ENDED || code === FOREIGN) {
      this.close();
      this.options.onState(code === ENDED ? "ended" : "offline");
    } else if (code === NO_SESSION) {
      this.close();
      this.#read();
    } else {
      this.#failed();
    }
  }

  #failed() {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.#open(), pause(this.failures, Math.random));
    if (this.failures > 0) {
      this.#read();
    }
    this.failures += 1;
  }

  /** @param {string} text */
  #hear(text) {
    this.heardAt = performance.now();
    /** @type {LiveEvent} */
    const message = JSON.parse(text);
    if (message.type === "snapshot") {
      this.failures = 0;
      this.live = true;
      this.options.onState("live");
      this.#renew(/** @type {any} */ (message), [], this.openedAt);
    } else {
      this.#through(pass(this.gate, message));
    }
  }

  /**
   * @param {LiveSnapshot} snapshot
   * @param {LiveEvent[]} held
   * @param {number} since
   */
  #renew(snapshot, held, since) {
    this.options.onSnapshot(snapshot, since);
    this.#through(behind(snapshot.sequence, held));
    if (snapshot.alert.ended) {
      this.close();
      this.options.onState("ended");
    }
  }

  /** @param {StreamPassage} passage */
  #through({ gate, events, missing }) {
    this.gate = gate;
    events.forEach(this.options.onEvent);
    if (!missing) {
      clearTimeout(this.patience);
      this.patience = 0;
    } else if (this.patience === 0) {
      this.patience = setTimeout(() => {
        this.patience = 0;
        this.#read();
      }, PATIENCE);
    }
  }

  /** The snapshot over HTTP: after a gap, and while there is no socket. */
  async #read() {
    if (this.reading) {
      return;
    }
    this.reading = true;
    const asked = performance.now();
    const patience = new AbortController(); // AbortSignal.timeout is missing before iOS 16
    const giveUp = setTimeout(() => patience.abort(), OPENING);
    try {
      const answer = await fetch(this.options.snapshotUrl, {
        headers: { Accept: "application/json" },
        signal: patience.signal,
      });
      if (answer.ok) {
        this.#polled(await answer.json(), asked);
      } else if (answer.status === 404) {
        window.location.reload(); // the link no longer works: its page says so
      } else {
        this.#lost();
      }
    } catch {
      this.#lost();
    } finally {
      clearTimeout(giveUp);
      this.reading = false;
    }
  }

  /**
   * @param {LiveSnapshot} snapshot
   * @param {number} since
   */
  #polled(snapshot, since) {
    if (!this.live && !this.over) {
      this.options.onState("polling");
    }
    if (snapshot.sequence >= this.gate.last) {
      this.#renew(snapshot, this.gate.held, since);
    }
  }

  #lost() {
    if (!this.live) {
      this.options.onState("offline");
    }
  }

  #watch() {
    const silent = performance.now() - this.heardAt;
    if (this.socket && silent > (this.live ? SILENCE : OPENING)) {
      this.#leave();
      this.#failed();
    } else if (!this.live && this.failures > 0 && document.visibilityState === "visible") {
      this.#read();
    }
  }

  /** Somebody looks, or the network is back: no waiting now. An attempt that has just begun goes on. */
  #wake() {
    if (this.socket && !this.live && performance.now() - this.heardAt < BEGUN) {
      return;
    }
    if (document.visibilityState === "visible" && (!this.live || performance.now() - this.heardAt > SILENCE / 2)) {
      this.failures = Math.min(this.failures, 1);
      this.#open();
    }
  }

  /** The machine slept, or its clock was set: what the socket says may be as old as that, so another one is opened. */
  slept() {
    if (!this.over) {
      this.failures = Math.min(this.failures, 1);
      this.#open();
    }
  }

  /** Stop for good. */
  close() {
    this.over = true;
    clearInterval(this.watch);
    clearTimeout(this.retry);
    clearTimeout(this.patience);
    document.removeEventListener("visibilitychange", this.wake);
    document.removeEventListener("resume", this.wake);
    window.removeEventListener("online", this.wake);
    window.removeEventListener("pageshow", this.wake);
    this.#leave();
  }
}

/**
 * @param {Options} options
 * @returns {{ slept: () => void, close: () => void }}
 */
export function connect(options) {
  const stream = new Stream(options);
  return { slept: () => stream.slept(), close: () => stream.close() };
}
