// Writes the state of the alert into the page. Regions keep their place: only words and attributes change.

import { talking } from "../pure/alert.js";
import { bearing, distance } from "../pure/distances.js";
import { isLoud } from "../pure/story.js";
import * as wording from "../pure/wording.js";
import { timeline } from "./story.js";

const MOST_SAID = 3;

/** @param {string} id */
const at = (id) => document.getElementById(id);

/**
 * @param {string} id
 * @param {string} text
 */
function write(id, text) {
  const element = at(id);
  if (element && element.textContent !== text) {
    element.textContent = text;
  }
}

/**
 * @param {string} id
 * @param {boolean} shown
 */
function show(id, shown) {
  at(id)?.toggleAttribute("hidden", !shown);
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} value
 */
function mark(id, name, value) {
  at(id)?.setAttribute(`data-${name}`, value);
}

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
  show("sheet-duress", alert.state === "closed_under_duress");
  document.body.classList.toggle("over", alert.ended);
  seventeen(state, speaker);
  charge(state, words);
  people(state, words);
  timeline(state, speaker);
  roles(state);
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
 * The button of the role that this reader has is pressed.
 * @param {LiveSnapshot} state
 */
function roles(state) {
  const own = state.responders.find((person) => person.you)?.role;
  for (const role of ["go", "children", "stand_by"]) {
    const button = document.querySelector(`form[data-act="${role}"] button`);
    button?.setAttribute("aria-pressed", String(own === role));
  }
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
  const { position } = state;
  const seconds = position ? Math.max((speaker.now() - Date.parse(position.fixed_at)) / 1000, 0) : 0;
  const fresh = wording.freshness(seconds, settings);
  const lostAt = position ? speaker.time(position.fixed_at) : "";
  const spoken = wording.fix(words, position, { seconds, freshness: fresh, lost_at: lostAt });
  const shown = position ? fresh : "unknown";
  where(position, spoken, state.victim.name);
  write("commune", wording.commune(position, settings.language));
  mark("fix", "freshness", shown);
  mark("map", "state", shown);
  return shown;
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
  write("sheet-fix", spoken);
  show("geo", position !== null);
  show("copy", position !== null);
  show("map-empty", position === null);
  if (position) {
    const place = wording.coordinates(position);
    write("geo", place);
    write("sheet-where", place);
    const pin = `${position.latitude.toFixed(6)},${position.longitude.toFixed(6)}`;
    at("geo")?.setAttribute("href", `geo:${pin}?q=${pin}(${encodeURIComponent(name)})`);
    message(place);
  }
}

/**
 * The message to 114 carries the newest place: the server wrote the rest of it.
 * @param {string} place
 */
function message(place) {
  for (const link of document.querySelectorAll("a[data-text]")) {
    const body = (link.getAttribute("data-text") ?? "").replace("{place}", place);
    link.setAttribute("href", `sms:114?body=${encodeURIComponent(body)}`);
  }
}

/**
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
function seventeen(state, speaker) {
  const call = state.seventeen;
  const how = state.alert.drill ? "drill" : call === null ? "nobody" : call.outcome ?? "calling";
  const values = call ? { name: call.by, time: speaker.time(call.since) } : {};
  write("seventeen-state", wording.say(speaker.words, `${how}_17`, values));
  mark("seventeen-state", "state", how);
  const own = state.responders.find((person) => person.you);
  show("outcome", how === "calling" && call?.by === own?.name);
}

/**
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
function charge(state, words) {
  const own = state.responders.some((person) => person.you && person.in_charge);
  const who = state.in_charge === null ? "nobody" : own ? "you" : "other";
  const key = { nobody: "nobody_in_charge", you: "in_charge_you", other: "in_charge" }[who];
  const way = state.responders.some((person) => person.in_charge_by === "sms") ? "_sms" : "";
  write("charge", wording.say(words, `${key}${way}`, { name: state.in_charge ?? "" }));
  mark("charge", "state", who);
  show("charge-take", who !== "you");
  show("charge-release", who === "you");
  heirs(state, who === "you");
}

/**
 * Who may take over: those who opened their link.
 * @param {LiveSnapshot} state
 * @param {boolean} mayHandOver
 */
function heirs(state, mayHandOver) {
  const able = state.responders.filter((person) => person.opened && !person.you);
  show("hand-over", mayHandOver && able.length > 0);
  const list = at("heir");
  if (list instanceof HTMLSelectElement && able.map((person) => person.contact).join() !== Array.from(list.options, (one) => one.value).join()) {
    list.replaceChildren(...able.map((person) => new Option(person.name, String(person.contact))));
  }
}

/**
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
function people(state, words) {
  const list = at("people");
  if (!list) {
    return;
  }
  list.replaceChildren(...state.responders.map((person) => {
    const item = document.createElement("li");
    item.classList.toggle("in-charge", person.in_charge);
    const name = document.createElement("b");
    name.textContent = person.you ? wording.say(words, "you", { name: person.name }) : person.name;
    const doing = document.createElement("span");
    doing.textContent = `${does(person, words)}${away(person, state, words)}`;
    item.append(name, " ", doing);
    return item;
  }));
}

/**
 * @param {LiveResponder} person
 * @param {Record<string, string>} words
 */
function does(person, words) {
  const role = person.role ?? (person.opened ? "opened" : "unopened");
  const parts = person.in_charge ? ["in_charge"] : [];
  if (role !== "opened" || !parts.length) {
    parts.push(role);
  }
  return parts.map((part) => wording.say(words, `role_${part}`)).join(", ");
}

/**
 * @param {LiveResponder} person
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
function away(person, state, words) {
  if (!person.position || !state.position) {
    return "";
  }
  const values = {
    name: state.victim.name,
    distance: wording.distance(words, distance(person.position, state.position)),
    direction: wording.direction(words, bearing(person.position, state.position)),
  };
  return `, ${wording.say(words, person.you ? "away_you" : "away", values)}`;
}

/**
 * Say the newest lines of what people did, once: not every receipt of the network.
 * @param {LiveSnapshot} before
 * @param {LiveSnapshot} state
 */
export function announce(before, state) {
  const fresh = state.timeline.filter((line) => line.sequence > before.sequence && isLoud(line));
  if (fresh.length) {
    write("said", fresh.slice(0, MOST_SAID).map((line) => line.text).reverse().join(". "));
  }
}
