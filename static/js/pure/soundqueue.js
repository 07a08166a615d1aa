/**
 * Sound on its way to the service, as jobs in the order of her hand: a recording begins, its seconds follow, it ends.
 * No clock, no network.
 */

/** What the service takes at once. */
export const LARGEST = 64 * 1024;
/** Who searches the files of her telephone for the service's name finds none: it is put together here. */
const OURS = ["She", "rif"].join("");
/** About an hour of sound at its usual rate: more is not asked of a small telephone. */
export const MOST_BYTES = 12 * 1024 * 1024;

/**
 * One job more. Beyond the bound the oldest seconds go, for the newest say most of what happens now; but never the first
 * of a segment, without which nothing of that segment could ever be heard, and never the very first job, which may be
 * on its way.
 * @param {SoundJob[]} jobs
 * @param {SoundJob} job
 * @param {number} [most] bytes
 * @returns {SoundJob[]}
 */
export function added(jobs, job, most = MOST_BYTES) {
  const kept = [...jobs, job];
  for (let bytes = weight(kept); bytes > most; bytes = weight(kept)) {
    const oldest = kept.findIndex((one, place) => place > 0 && one.kind === "chunk" && !one.first);
    if (oldest < 0) {
      break;
    }
    kept.splice(oldest, 1);
  }
  return kept;
}

/** @param {SoundJob[]} jobs */
function weight(jobs) {
  return jobs.reduce((sum, job) => sum + (job.kind === "chunk" ? job.bytes.byteLength : 0), 0);
}

/**
 * How many seconds of this page wait. Of what an earlier one left nothing is said: somebody else may hold the telephone.
 * @param {SoundJob[]} jobs
 */
export function waiting(jobs) {
  return jobs.filter(({ kind, recording }) => kind === "chunk" && !recording.isFound).length;
}

/**
 * What one piece of sound is cut into, if a busy telephone handed over many seconds at once: put together again in this
 * order they are the same bytes.
 * @param {ArrayBuffer} bytes
 */
export function pieces(bytes) {
  const count = Math.ceil(bytes.byteLength / LARGEST);
  return Array.from({ length: count }, (_none, place) => bytes.slice(place * LARGEST, (place + 1) * LARGEST));
}

/**
 * How a job is asked of the service.
 * @param {SoundJob} job
 * @param {string} digest of a chunk: base64 of its SHA-256
 * @returns {{method: "POST" | "PUT", path: string, body: unknown, headers: Record<string, string>}}
 */
export function asked(job, digest) {
  const { id } = job.recording;
  if (job.kind === "begin") {
    const { started_at, media_type } = job.recording;
    return { method: "POST", path: "/recordings", body: { id, started_at, media_type }, headers: {} };
  }
  if (job.kind === "close") {
    return { method: "POST", path: `/recordings/${id}/close`, body: { chunks: job.chunks }, headers: {} };
  }
  return {
    method: "PUT",
    path: `/recordings/${id}/chunks/${job.number}`,
    body: job.bytes,
    headers: {
      "Content-Digest": `sha-256=:${digest}:`, // RFC 9530
      [`${OURS}-Segment`]: String(job.segment),
      [`${OURS}-Recorded-At`]: job.at,
      ...(job.isSealed ? { [`${OURS}-Sealed`]: "hpke" } : {}),
    },
  };
}
