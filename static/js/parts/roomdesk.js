// Asks the service for a seat, and says what it answered. Never throws.

const PATIENCE = 8000;
const HEADERS = { "Content-Type": "application/json", Accept: "application/json" };

/** @implements {RoomDesk} */
export class Desk {
  /**
   * @param {string} url of the room
   * @param {typeof fetch} ask
   */
  constructor(url, ask) {
    this.url = url;
    this.fetch = ask;
  }

  take() {
    return this.#ask("POST", "");
  }

  /**
   * @param {RoomTaken} taken
   * @param {string} answer SDP
   */
  answer({ seat, taking }, answer) {
    return this.#ask("PUT", `/${seat}`, { answer, taking });
  }

  /** Who sits there, and new credentials for the relays. */
  look() {
    return this.#ask("GET", "");
  }

  /** Also while the page goes away; if it is not heard, the server frees the seat by itself. @param {RoomTaken} taken */
  free({ seat, taking }) {
    const body = JSON.stringify({ taking });
    this.fetch(`${this.url}/${seat}`, { method: "DELETE", keepalive: true, headers: HEADERS, body }).catch(() => undefined);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<RoomReply>}
   */
  async #ask(method, path, body) {
    const patience = new AbortController(); // AbortSignal.timeout is missing before iOS 16
    const giveUp = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const how = { method, headers: HEADERS, signal: patience.signal, ...(body ? { body: JSON.stringify(body) } : {}) };
      return await replyOf(await this.fetch(this.url + path, how));
    } catch {
      return { status: 0, code: "", body: null, retryAfter: 0 };
    } finally {
      clearTimeout(giveUp);
    }
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<RoomReply>}
 */
async function replyOf(answer) {
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  const code = body?.error?.code ?? "";
  return { status: answer.status, code, body, retryAfter: Number(answer.headers.get("Retry-After")) || 0 };
}
