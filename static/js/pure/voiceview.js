/** What her page says of her microphone and her camera, derived from how they stand. Words come from the page. */

import { said } from "./phoneview.js";

/**
 * Nothing is open.
 * @param {string} why a word that says why it ended, or nothing
 * @returns {VoiceState}
 */
export function off(why) {
  return { standing: "off", why, device: "", heard: false, listeners: 0, picture: "", hasTwoCameras: false, hears: false };
}

/**
 * @param {VoiceState} state
 * @param {Words} words
 * @returns {VoiceView}
 */
export function voiceView(state, words) {
  const on = state.standing !== "off";
  const shows = state.picture !== "";
  /** @param {string} key */
  const word = (key) => said(words[`voice_${key}`], { count: state.listeners });
  return {
    on,
    line: (on ? sentences(state) : [state.why || "off"]).map(word).join(" "),
    main: word(on ? "close" : "open"),
    camera: word(shows ? "hide" : "show"),
    facing: shows && state.hasTwoCameras,
    hear: word(state.hears ? "deaf" : "hear"),
  };
}

/**
 * What is open, what is wrong with it, what is seen, what sounds.
 * @param {VoiceState} state
 */
function sentences({ standing, device, heard, listeners, picture, hears }) {
  const asked = standing === "loading" && device !== "";
  const keys = [asked ? "" : standing === "in" ? arrives(heard, listeners) : standing, device];
  return [...keys, picture && `picture_${picture}`, hears ? "hears" : ""].filter(Boolean);
}

/**
 * Who listens is said only once her sound arrives.
 * @param {boolean} heard
 * @param {number} listeners
 */
function arrives(heard, listeners) {
  return heard ? `in_${["none", "one"][listeners] ?? "many"}` : "joining";
}
