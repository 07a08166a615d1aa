/** What her page says of the sound that it records, derived from how it stands. Words come from the page. */

import { clock, said } from "./phoneview.js";

/** From here on it is worth saying that seconds wait; a network that breathes is none. */
const MANY = 10;

/**
 * Nothing is recorded.
 * @param {string} why a word that says why it ended, or nothing
 * @returns {SoundState}
 */
export function silent(why) {
  return { standing: "off", why, since: null, isSafe: false, isMuted: false, waiting: 0, lost: 0, isOffered: false };
}

/**
 * @param {SoundState} state
 * @param {Words} words
 * @param {string} language
 * @returns {SoundView}
 */
export function soundView(state, words, language) {
  const on = state.standing !== "off";
  const values = { count: state.waiting - (state.waiting % MANY), time: state.since === null ? "" : clock(state.since, language) };
  const keys = on ? running(state) : ended(state);
  return {
    shown: on || state.isOffered || state.waiting > 0,
    on: state.standing === "on" && state.isSafe,
    line: keys.map((key) => said(words[`sound_${key}`], values)).filter(Boolean).join(" "),
    key: on || state.isOffered ? said(words[`sound_${action(state)}`], {}) : "",
  };
}

/** @param {SoundState} state */
function action({ standing, why }) {
  if (standing !== "off") {
    return "stop";
  }
  return why === "stopped" ? "again" : "start";
}

/**
 * "Recording" is said only once the service has the first second: without it nothing could ever be heard.
 * @param {SoundState} state
 */
function running({ standing, why, isSafe, isMuted, waiting, lost }) {
  if (standing === "opening") {
    return ["opening"];
  }
  const stands = isSafe ? "on" : "unsafe";
  const beside = [isMuted && "muted", isSafe && waiting >= MANY && "waiting", lost > 0 && "lost"];
  return [standing === "again" ? why : stands, ...beside].filter((key) => key !== false);
}

/** @param {SoundState} state */
function ended({ why, isSafe, waiting, lost, isOffered }) {
  const end = why === "stopped" && !isSafe ? "stopped_unsafe" : why || "idle";
  return [isOffered ? end : "", waiting > 0 ? "leaving" : "", lost > 0 ? "lost" : ""].filter(Boolean);
}

/**
 * What a refusal of the browser is called (Media Capture and Streams, 10.2); a browser without devices has no name for it.
 * @param {unknown} error
 * @returns {"absent" | "busy" | "refused" | "unable"}
 */
export function trouble(error) {
  const name = error instanceof Error ? error.name : "";
  if (["NotFoundError", "OverconstrainedError", "TypeError"].includes(name)) {
    return "absent";
  }
  if (name === "NotSupportedError") {
    return "unable";
  }
  return ["NotReadableError", "AbortError"].includes(name) ? "busy" : "refused";
}

/**
 * While all is calm, what would keep the next long press from recording.
 * @param {Hearing} hearing
 * @param {Words} words
 */
export function hearingNotice(hearing, words) {
  return hearing === "granted" ? [] : [words[`hearing_${hearing}`] ?? ""];
}

/**
 * How loud a piece of sound is: 0 to 1, with the middle where a voice in a room is.
 * @param {Float32Array} samples -1 to 1
 */
export function loudness(samples) {
  const power = samples.reduce((sum, one) => sum + one * one, 0) / Math.max(samples.length, 1);
  const decibels = 10 * Math.log10(power + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
