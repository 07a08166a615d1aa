/** The phone API (`/api/v1`) as this page uses it. Never throws: no network is an answer with status 0. */

const PATIENCE_MS = 10_000;

/** @type {Answer} */
const SILENCE = { status: 0, code: "", body: {}, wait: 0 };

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

export class Api {
  #base;

  /** @type {string | null} */
  token = null;

  /** @param {string} base for instance /api/v1 */
  constructor(base) {
    this.#base = base;
  }

  /**
   * @param {"GET" | "POST" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<Answer>}
   */
  async call(method, path, body) {
    try {
      const response = await fetch(this.#base + path, this.#request(method, body));
      const found = response.status === 204 ? {} : await read(response);
      const error = /** @type {{code?: string} | undefined} */ (found["error"]);
      const wait = Number(response.headers.get("Retry-After") ?? 0);
      return { status: response.status, code: error?.code ?? "", body: found, wait: Number.isFinite(wait) ? wait : 0 };
    } catch {
      return SILENCE; // no network, no patience left, or an answer cut in the middle: all of them mean "not known"
    }
  }

  /**
   * @param {string} method
   * @param {unknown} body
   * @returns {RequestInit}
   */
  #request(method, body) {
    return {
      method,
      headers: {
        Accept: "application/json",
        ...(this.token === null ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      keepalive: method === "POST" && JSON.stringify(body).length < 4096, // a click outlives a closed page
      signal: AbortSignal.timeout(PATIENCE_MS),
    };
  }
}
