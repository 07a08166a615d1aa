// Her own seat is taken by her telephone's API, with the credential that it keeps.

const PATH = "/alert/room";

/** @implements {RoomDesk} */
export class HerDesk {
  /** @param {PhoneApi} api */
  constructor(api) {
    this.api = api;
  }

  take() {
    return this.#ask("POST");
  }

  /**
   * @param {RoomTaken} taken
   * @param {string} answer SDP
   */
  answer({ taking }, answer) {
    return this.#ask("PUT", { answer, taking });
  }

  look() {
    return this.#ask("GET");
  }

  /** @param {RoomTaken} taken */
  free({ taking }) {
    this.api.call("DELETE", `${PATH}/${taking}`);
  }

  /**
   * Who sits there, as the others read it, with her seat alone.
   * @param {{ up: boolean, taking: string }} standing
   * @returns {RoomLine}
   */
  lineOf({ up, taking }) {
    /** @type {RoomSeat} */
    const hers = { seat: -1, contact: null, her: true, state: "connected", publishes: [], hears: false, taking };
    return { up, seats: taking ? [hers] : [] };
  }

  /**
   * @param {"GET" | "POST" | "PUT"} method
   * @param {object} [body]
   * @returns {Promise<RoomReply>}
   */
  async #ask(method, body) {
    const answer = await this.api.call(method, PATH, body);
    return { status: answer.status, code: answer.code, body: answer.body, retryAfter: answer.wait };
  }
}
