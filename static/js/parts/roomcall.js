// One seat in the room: takes it, answers the one offer, comes back by itself until it is left or the alert ends.
// Nothing is ever renegotiated: tracks come and go by replaceTrack, and a broken connection is a new seat.

import { pause, standing, verdict } from "../pure/roomseats.js";
import { answerTo, send } from "./roomlines.js";

const CONNECTING = 12_000; // for a way through the network
const RECOVERING = 3000; // a telephone that changes networks often finds its way back
const BLINK = 400; // a snapshot read just before may arrive just after: what it says is believed if nothing else comes
const RENEWAL = 240_000; // relays' credentials live for ten minutes
const MOST_BAD_ANSWERS = 3;
const GOING_ON = new Set(["joining", "in", "again", "away", "blocked"]);

export class Call {
  /** @param {RoomCallAround} around */
  constructor(around) {
    this.around = around;
    this.desk = around.desk;
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @type {RoomTaken | null} */
    this.taken = null;
    /** Takings of this page that are over. @type {Set<string>} */
    this.former = new Set();
    /** Whether the service named our present taking. */
    this.seen = false;
    /** What it named last, in the words of `standing`. */
    this.named = "";
    this.wasUp = true;
    /** Counts attempts: what belongs to an older one is void. */
    this.turn = 0;
    this.failures = 0;
    this.badAnswers = 0;
    /** @type {RoomState} */
    this.state = "left";
    /** @type {Record<"retry" | "watch" | "renewal", ReturnType<typeof setTimeout> | undefined>} */
    this.timers = { retry: undefined, watch: undefined, renewal: undefined };
  }

  get isGoingOn() {
    return GOING_ON.has(this.state);
  }

  /** Sit down, and stay. */
  start() {
    this.failures = 0;
    this.badAnswers = 0;
    this.#say("joining");
    return this.#join();
  }

  /** Get up. */
  leave() {
    this.#stop("left");
  }

  /** The alert is over, and with it every seat. */
  end() {
    this.#stop("over");
  }

  /** What the signalling says; called with every news of the page. @param {RoomLine | null} line */
  hear(line) {
    const isBack = line?.up === true && !this.wasUp;
    this.wasUp = line?.up ?? false;
    if (this.isGoingOn && this.taken) {
      this.#compare(line, this.taken);
    } else if (isBack) {
      this.#hurry();
    }
  }

  /** The network is there again: no waiting now. */
  wake() {
    if (this.state === "in" && this.peer?.connectionState !== "connected") {
      this.#again("again");
    } else {
      this.#hurry();
    }
  }

  #hurry() {
    if (this.isGoingOn && this.timers.retry !== undefined) {
      this.#join();
    }
  }

  /**
   * @param {RoomLine | null} line
   * @param {RoomTaken} taken
   */
  #compare(line, { taking }) {
    const whose = standing(line, { me: this.around.me, taking, former: this.former });
    const { turn, named } = this;
    this.named = whose;
    this.seen ||= whose === "ours";
    if (whose !== named && (whose === "replaced" || (whose === "lost" && this.seen))) {
      const act = () => (whose === "replaced" ? this.#stop(whose) : this.#again("again"));
      setTimeout(() => turn === this.turn && this.named === whose && act(), line?.seats.length ? BLINK : 0);
    }
  }

  /** Sit down anew, for another answer to the offer: nothing is said of it unless it fails. */
  anew() {
    if (this.isGoingOn) {
      this.#join();
    }
  }

  /** Send what the microphone and the camera give now. */
  apply() {
    if (this.taken) {
      send(this.peer, this.taken.seat, this.around.tracks());
    }
  }

  async #join() {
    this.#drop();
    this.turn += 1;
    const { turn } = this;
    const reply = await this.desk.take();
    if (turn !== this.turn) {
      this.#giveBack(reply);
    } else if (reply.status === 201) {
      await this.#sit(reply.body, turn);
    } else {
      this.#refused(reply);
    }
  }

  /**
   * @param {RoomTaken} taken
   * @param {number} turn
   */
  async #sit(taken, turn) {
    this.taken = taken;
    let answer;
    try {
      answer = await this.#answer(taken, turn);
    } catch {
      answer = "";
    }
    if (turn !== this.turn) {
      return;
    }
    if (answer === "") {
      this.#bad();
      return;
    }
    const reply = await this.desk.answer(taken, answer);
    if (turn === this.turn && reply.status !== 204) {
      this.#refused(reply);
    }
  }

  /**
   * @param {RoomTaken} taken
   * @param {number} turn
   */
  async #answer(taken, turn) {
    const peer = this.around.peer(taken.ice_servers);
    this.peer = peer;
    peer.onconnectionstatechange = () => turn === this.turn && this.#connection(peer.connectionState);
    this.#watch(CONNECTING, "blocked");
    const answer = await answerTo(peer, taken, this.around);
    if (turn === this.turn) {
      this.around.onPeer(peer, taken.seat);
      this.apply(); // a microphone may have been allowed meanwhile
    }
    return answer;
  }

  /** @param {RTCPeerConnectionState} state */
  #connection(state) {
    clearTimeout(this.timers.watch);
    if (state === "connected") {
      this.failures = 0;
      this.badAnswers = 0;
      this.#say("in");
      this.#renew();
    } else if (state === "failed") {
      this.#again(this.state === "in" ? "again" : "blocked");
    } else if (state === "disconnected") {
      this.#watch(RECOVERING, "again");
    } else {
      this.#watch(CONNECTING, "blocked");
    }
  }

  /**
   * @param {number} patience milliseconds
   * @param {RoomState} state if nothing happens until then
   */
  #watch(patience, state) {
    clearTimeout(this.timers.watch);
    this.timers.watch = setTimeout(() => this.#again(state), patience);
  }

  /** New credentials while the old ones are good, for the day the telephone changes networks. */
  #renew() {
    clearTimeout(this.timers.renewal);
    this.timers.renewal = setTimeout(async () => {
      const { turn } = this;
      const { body } = await this.desk.look();
      if (turn !== this.turn || !this.peer) {
        return;
      }
      if (Array.isArray(body?.ice_servers) && body.ice_servers.length > 0) {
        this.peer.setConfiguration({ ...this.peer.getConfiguration(), iceServers: body.ice_servers });
      }
      this.#renew();
    }, RENEWAL);
  }

  /** @param {RoomReply} reply */
  #refused({ status, code, retryAfter }) {
    const said = verdict(status, code);
    if (said === "full" || said === "over") {
      this.#stop(said);
    } else if (said === "bad") {
      this.#bad();
    } else {
      this.#again(said === "gone" ? this.state : "away", retryAfter);
    }
  }

  #bad() {
    this.badAnswers += 1;
    if (this.badAnswers >= MOST_BAD_ANSWERS) {
      this.#stop("unable");
    } else {
      this.#again(this.state);
    }
  }

  /**
   * @param {RoomState} state
   * @param {number} [retryAfter] seconds
   */
  #again(state, retryAfter = 0) {
    this.#drop();
    this.turn += 1;
    this.#say(state === "in" ? "again" : state);
    this.timers.retry = setTimeout(() => this.#join(), pause(this.failures, retryAfter, Math.random));
    this.failures += 1;
  }

  /** @param {RoomState} state */
  #stop(state) {
    const { taken } = this;
    this.#drop();
    this.turn += 1;
    if (taken && state !== "replaced" && state !== "over") {
      this.desk.free(taken);
    }
    this.#say(state);
  }

  /** Forget the connection; the seat is freed by whoever takes the next one. */
  #drop() {
    Object.values(this.timers).forEach((timer) => clearTimeout(timer));
    this.timers.retry = undefined;
    if (this.taken) {
      this.former.add(this.taken.taking);
    }
    this.taken = null;
    this.seen = false;
    this.named = "";
    if (this.peer) {
      this.peer.onconnectionstatechange = null;
      this.peer.close();
      this.peer = null;
      this.around.onPeer(null, -1);
    }
  }

  /** A seat that was given after somebody had left. @param {RoomReply} reply */
  #giveBack(reply) {
    if (reply.status === 201 && !this.isGoingOn) {
      this.desk.free(reply.body);
    }
  }

  /** @param {RoomState} state */
  #say(state) {
    if (state !== this.state) {
      this.state = state;
      this.around.onState(state);
    }
  }
}
