/** Her telephone's way to the service: the real phone API with the token of the demonstration. */

const PATIENCE_MILLISECONDS = 8000;

/**
 * @typedef {{status: number, body: any}} Answer
 */

/**
 * @param {string} base
 * @param {string} token
 */
export function service(base, token) {
  /**
   * The answer, or null when there was none.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<Answer | null>}
   */
  async function ask(method, path, body) {
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
        headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }
  return { ask };
}

/**
 * What the service says of a refusal, as a sentence.
 * @param {Answer} answer
 */
export function sentence(answer) {
  const message = answer.body?.error?.message;
  return typeof message === "string" ? message : String(answer.status);
}
