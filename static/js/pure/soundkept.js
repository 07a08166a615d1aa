/** Seconds of sound as they are kept on the telephone, sealed, and as jobs again once another page finds them. */

/** Places for as many seconds as any alert has; the order of names is the order of her hand. */
const DIGITS = 7;

/**
 * The name of a second among those that are kept.
 * @param {SoundChunk} chunk
 */
export function nameOf({ recording, number }) {
  return `${recording.started_at} ${recording.id} ${String(number).padStart(DIGITS, "0")}`;
}

/**
 * What a second is sealed together with: it can be taken for no other one.
 * @param {SoundChunk} chunk
 */
export function toldOf({ recording, segment, number }) {
  return `${recording.id}/${segment}/${number}`;
}

/**
 * @param {SoundChunk} chunk
 * @param {ArrayBuffer} sealed
 * @returns {KeptSound}
 */
export function kept(chunk, sealed) {
  const { recording: { id, started_at, media_type }, number, segment, first, at } = chunk;
  return { name: nameOf(chunk), id, started_at, media_type, number, segment, first, at, sealed };
}

/**
 * Each recording begins again, which the service knows; its seconds follow; it ends.
 * @param {KeptSound[]} rows by name
 * @returns {SoundJob[]}
 */
export function jobsOf(rows) {
  return [...new Set(rows.map(({ id }) => id))].flatMap((id) => recordingOf(rows.filter((row) => row.id === id)));
}

/**
 * @param {KeptSound[]} rows of one recording
 * @returns {SoundJob[]}
 */
function recordingOf(rows) {
  const [{ id, started_at, media_type }] = /** @type {[KeptSound]} */ (rows);
  const made = Math.max(...rows.map(({ number }) => number)) + 1;
  /** @type {SoundRecording} */
  const recording = { id, started_at, media_type, made, isSafe: true, isToldAgain: false, isFound: true };
  return [
    { recording, kind: "begin" },
    ...rows.map(({ number, segment, first, at, sealed }) => (
      /** @type {SoundChunk} */ ({ recording, kind: "chunk", number, segment, first, at, bytes: sealed, isSealed: true })
    )),
    { recording, kind: "close", chunks: made },
  ];
}
