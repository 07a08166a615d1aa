// Who does what: calling 17, in charge, on the way, with the children. What nobody does stands out.

import { calling } from "../pure/alert.js";
import { bearing, distance } from "../pure/distances.js";
import * as wording from "../pure/wording.js";
import { at, mark, put, show, write } from "./page.js";

/**
 * Who calls 17 and how that went, on the page, on the key and in the sheet.
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
export function seventeen(state, speaker) {
  if (state.alert.drill) {
    return; // the server said that nobody calls
  }
  const { words } = speaker;
  const { call, by_another: byAnother, asked } = calling(state);
  const since = { seconds: past(call?.since, speaker), time: call ? speaker.time(call.since) : "" };
  const [how, said] = wording.seventeen(words, call, since);
  write("seventeen-state", said);
  mark("seventeen-state", "state", how);
  write("key-17", wording.onKey(words, how, call?.by ?? ""));
  write("also-said", said);
  show("also", ["calling", "reached"].includes(how) && byAnother);
  show("outcome", asked);
  show("after-call", asked);
}

/**
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
export function charge(state, words) {
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
 * The buttons say who does it already; that of the role that this reader has is pressed.
 * @param {LiveSnapshot} state
 * @param {Record<string, string>} words
 */
export function roles(state, words) {
  for (const button of document.querySelectorAll("button[data-role]")) {
    const role = button.getAttribute("data-role");
    const doing = state.responders.filter((person) => person.role === role);
    button.setAttribute("aria-pressed", String(doing.some((person) => person.you)));
    const line = button.querySelector("small");
    const nobody = role === "stand_by" ? "" : wording.say(words, "role_nobody");
    put(line, doing.length ? wording.together(words, doing.map((person) => person.name)) : nobody);
    line?.classList.toggle("nobody", !doing.length);
  }
}

/**
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
export function people(state, speaker) {
  const list = at("people");
  if (!list) {
    return;
  }
  const known = Array.from(list.children, (item) => item.getAttribute("data-contact")).join();
  if (known !== state.responders.map((person) => person.contact).join()) {
    list.replaceChildren(...state.responders.map(emptyLine));
  }
  state.responders.forEach((person, index) => {
    const line = list.children[index];
    line?.classList.toggle("in-charge", person.in_charge);
    put(line?.querySelector("b"), person.you ? wording.say(speaker.words, "you", { name: person.name }) : person.name);
    put(line?.querySelector("span"), [...does(person, state, speaker), ...away(person, state, speaker)].join(", "));
  });
}

/** @param {LiveResponder} person */
function emptyLine(person) {
  const line = document.createElement("li");
  line.dataset.contact = String(person.contact);
  line.append(document.createElement("b"), " ", document.createElement("span"));
  return line;
}

/**
 * @param {LiveResponder} person
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
function does(person, state, { words }) {
  const role = person.role ?? (person.opened ? "opened" : "unopened");
  const parts = person.in_charge ? ["in_charge"] : [];
  const calls = state.calls.filter((call) => call.contact === person.contact).map((call) => call.outcome);
  if (calls.includes(null)) {
    parts.push("calling");
  } else if (calls.includes("reached")) {
    parts.push("reached");
  }
  if (role !== "opened" || !parts.length) {
    parts.push(role);
  }
  return parts.map((part) => wording.say(words, `role_${part}`));
}

/**
 * How far and in which direction: from her for the others, towards her for the reader.
 * @param {LiveResponder} person
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
function away(person, state, speaker) {
  const { words } = speaker;
  if (!person.position || !state.position) {
    return [];
  }
  const ends = person.you ? [person.position, state.position] : [state.position, person.position];
  const [start = person.position, end = state.position] = ends;
  const said = wording.say(words, person.you ? "away_you" : "away", {
    name: state.victim.name,
    distance: wording.distance(words, distance(start, end)),
    direction: wording.direction(words, bearing(start, end)),
  });
  return [wording.since(words, said, past(person.position.at, speaker))];
}

/**
 * Seconds since then, on the server's clock.
 * @param {string | undefined} moment
 * @param {LiveSpeaker} speaker
 */
function past(moment, speaker) {
  return moment ? (speaker.now() - Date.parse(moment)) / 1000 : 0;
}
