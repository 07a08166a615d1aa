/** The phone API (`/api/v1`) as this page uses it. Never throws: no network is an answer with status 0. */

const PATIENCE_MS = 10_000;
/** A browser lets 64 KiB at once outlive a page (Fetch): a few of ours fit. */
const OUTLIVES_BYTES = 12 * 1024;

/** @typedef {{body: string | ArrayBuffer | null, size: number, headers: Record<string, string>}} Packed */

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
   * @param {unknown} [body] JSON, or bytes as they are
   * @param {Record<string, string>} [headers]
   * @returns {Promise<Answer>}
   */
  async call(method, path, body, headers = {}) {
    const { token } = this;
    const patience = new AbortController(); // AbortSignal.timeout is missing before iOS 16
    const giveUp = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const response = await fetch(this.#base + path, this.#request(method, packed(body, headers), patience.signal));
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
   * @param {Packed} packed
   * @param {AbortSignal} signal
   * @returns {RequestInit}
   */
  #request(method, { body, size, headers }, signal) {
    return {
      method,
      headers: {
        Accept: "application/json",
        ...(this.token === null ? {} : { Authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body === null ? {} : { body }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      keepalive: method !== "GET" && size < OUTLIVES_BYTES, // a click, a second of sound and a goodbye outlive a closed page
      signal,
    };
  }
}

/**
 * @param {unknown} body
 * @param {Record<string, string>} headers
 * @returns {Packed}
 */
function packed(body, headers) {
  if (body === undefined) {
    return { body: null, size: 0, headers };
  }
  if (body instanceof ArrayBuffer) {
    return { body, size: body.byteLength, headers: { "Content-Type": "application/octet-stream", ...headers } };
  }
  const text = JSON.stringify(body);
  return { body: text, size: text.length, headers: { "Content-Type": "application/json", ...headers } };
}
