/** What the service's answer to a piece of sound means. Only its own words count: a hotel's portal answers 200 too. */

/** Bytes that were spoilt on the way are sent again, but not for ever. */
const SPOILT_TRIES = 3;
const SPOILT = new Set([400, 415, 422]);
const PASSING = new Set([408, 425, 429]);

/** What in an answer is the service's own word that it is done. @type {Record<SoundJob["kind"], [string, string]>} */
const TAKEN = { begin: ["id", "string"], chunk: ["sequence", "number"], close: ["chunks", "number"] };

/**
 * `done`: the next one. `lost`: the service will never take this one, the next. `anew`: it does not know the recording,
 * tell it again. `over`: it takes nothing more of this recording. `later`: the same again.
 * @param {SoundJob["kind"]} kind
 * @param {Answer} answer
 * @param {{tried: number, expected: boolean}} how `expected`: a click of hers is still on its way, and with it the alert
 * @returns {SoundVerdict}
 */
export function meaning(kind, answer, { tried, expected }) {
  const { status, code, body } = answer;
  const [key, type] = TAKEN[kind];
  if (status < 300 && typeof body[key] === type) {
    return "done";
  }
  if (code === "" || isPassing(status)) {
    return "later";
  }
  if (status === 401) {
    return "unpaired";
  }
  return kind === "chunk" ? ofChunk(status, code, tried) : ofBounds(kind, code, expected);
}

/** @param {number} status */
function isPassing(status) {
  return status >= 500 || PASSING.has(status);
}

/**
 * @param {"begin" | "close"} kind
 * @param {string} code
 * @param {boolean} expected
 * @returns {SoundVerdict}
 */
function ofBounds(kind, code, expected) {
  if (kind === "close") {
    return "done"; // nobody waits for it: the service ends by itself what falls silent
  }
  return code === "no_open_alert" && expected ? "later" : "over";
}

/**
 * @param {number} status
 * @param {string} code
 * @param {number} tried
 * @returns {SoundVerdict}
 */
function ofChunk(status, code, tried) {
  if (status === 404) {
    return "anew";
  }
  if (SPOILT.has(status)) {
    return tried < SPOILT_TRIES ? "later" : "lost";
  }
  return code === "other_chunk" || status === 413 ? "lost" : "over";
}
