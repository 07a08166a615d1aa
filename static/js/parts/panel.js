// Writes the state of the alert into the page. Regions keep their place: only words and attributes change.

import { talking } from "../pure/alert.js";
import { isLoud } from "../pure/story.js";
import * as wording from "../pure/wording.js";
import { at, mark, show, write } from "./page.js";
import { charge, people, roles, seventeen } from "./roles.js";
import { timeline } from "./story.js";

const SAYING = 1500; // milliseconds

/**
 * Everything that changes with an event.
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
export function render(state, speaker) {
  const { words } = speaker;
  const { alert, victim } = state;
  write("kind", wording.say(words, `kind_${alert.ended ? "ended" : alert.kind}`));
  write("title", wording.say(words, alert.ended ? alert.state : `title_${alert.kind}`, { name: victim.name }));
  show("duress", alert.state === "closed_under_duress");
  document.body.classList.toggle("over", alert.ended);
  charge(state, words);
  roles(state, words);
  timeline(state, speaker);
  room(state, words);
}

/**
 * Who talks, for who has not joined.
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
function room(state, words) {
  const names = talking(state);
  const { seats = [], up } = state.room ?? {};
  const her = seats.some((seat) => seat.her && seat.publishes.includes("audio"));
  const key = up === false ? "down" : her ? "her" : ["nobody", "one"][names.length] ?? "many";
  write("room-who", wording.say(words, `room_${key}`, { names: wording.together(words, names), name: state.victim.name }));
  mark("room-door", "state", key);
}

/**
 * Everything that changes by itself: ages and freshness.
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 * @returns {Freshness | "unknown"} how much the newest fix still says
 */
export function renew(state, speaker) {
  const { words, settings } = speaker;
  if (!state.alert.ended) {
    const since = wording.age(words, (speaker.now() - Date.parse(state.alert.opened_at)) / 1000);
    write("since", wording.say(words, "since", { time: speaker.time(state.alert.opened_at), age: since }));
  }
  seventeen(state, speaker);
  people(state, speaker);
  const { position } = state;
  const seconds = position ? Math.max((speaker.now() - Date.parse(position.fixed_at)) / 1000, 0) : 0;
  const fresh = wording.freshness(seconds, settings);
  const lostAt = position ? speaker.time(position.fixed_at) : "";
  const spoken = wording.fix(words, position, { seconds, freshness: fresh, lost_at: lostAt });
  const shown = position ? fresh : "unknown";
  where(position, spoken, state.victim.name);
  located(position, settings.language);
  mark("fix", "freshness", shown);
  mark("map", "state", shown);
  return shown;
}

/**
 * @param {LivePosition | null} position
 * @param {string} language
 */
function located(position, language) {
  for (const part of /** @type {const} */ (["street", "where", "beside"])) {
    write(part, position?.[part]?.[language] ?? "");
  }
}

/**
 * @param {LivePosition | null} position
 * @param {string} spoken
 * @param {string} name
 */
function where(position, spoken, name) {
  const line = at("fix")?.querySelector("span");
  if (line && line.textContent !== spoken) {
    line.textContent = spoken;
  }
  show("geo", position !== null);
  show("copy", position !== null);
  show("map-empty", position === null);
  if (position) {
    const place = wording.coordinates(position);
    write("geo", place);
    const pin = `${position.latitude.toFixed(6)},${position.longitude.toFixed(6)}`;
    at("geo")?.setAttribute("href", `geo:${pin}?q=${pin}(${encodeURIComponent(name)})`);
  }
}

/** What was not said yet. @type {string[]} */
let unsaid = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let saying;

/**
 * Say what people did, once: not every receipt of the network, and what comes together together.
 * @param {LiveSnapshot} before
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
export function announce(before, state, words) {
  const fresh = state.timeline.filter((line) => line.sequence > before.sequence && isLoud(line));
  unsaid = [...unsaid, ...fresh.map((line) => line.text).reverse()];
  if (!unsaid.length || saying) {
    return;
  }
  saying = setTimeout(() => {
    write("said", wording.announced(words, unsaid));
    unsaid = [];
    saying = undefined;
  }, SAYING);
}
