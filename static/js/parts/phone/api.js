/** The phone API (`/api/v1`) as this page uses it. Never throws: no network is an answer with status 0. */

const PATIENCE_MS = 10_000;

/** @type {Answer} */
const SILENCE = { status: 0, code: "", body: {}, wait: 0 };
const REFUSED = 401;

/**
 * @param {Response} response
 * @returns {Promise<Record<string, unknown>>}
 */
async function read(response) {
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) {
    return {};
  }
  const body = await response.json();
  return typeof body === "object" && body !== null ? body : {};
}

/**
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
async function answered(response) {
  const found = response.status === 204 ? {} : await read(response);
  const error = /** @type {{code?: string} | undefined} */ (found["error"]);
  const wait = Number(response.headers.get("Retry-After") ?? 0);
  return { status: response.status, code: error?.code ?? "", body: found, wait: Number.isFinite(wait) ? wait : 0 };
}

export class Api {
  #base;

  /** @type {string | null} */
  token = null;

  /** @param {string} base for instance /api/v1 */
  constructor(base) {
    this.#base = base;
  }

  /**
   * @param {"GET" | "POST" | "PUT" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<Answer>}
   */
  async call(method, path, body) {
    const { token } = this;
    const patience = new AbortController(); // AbortSignal.timeout is missing before iOS 16
    const giveUp = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const response = await fetch(this.#base + path, this.#request(method, body, patience.signal));
      if (response.status === REFUSED && token !== this.token) {
        return SILENCE; // a credential of before: it says nothing about the one she was given meanwhile
      }
      return await answered(response);
    } catch {
      return SILENCE; // no network, no patience left, or an answer cut in the middle: all of them mean "not known"
    } finally {
      clearTimeout(giveUp);
    }
  }

  /**
   * @param {string} method
   * @param {unknown} body
   * @param {AbortSignal} signal
   * @returns {RequestInit}
   */
  #request(method, body, signal) {
    const text = body === undefined ? "" : JSON.stringify(body);
    return {
      method,
      headers: {
        Accept: "application/json",
        ...(this.token === null ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: text }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      keepalive: method !== "GET" && text.length < 4096, // a click and a goodbye outlive a closed page
      signal,
    };
  }
}
