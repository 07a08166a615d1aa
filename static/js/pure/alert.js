// The state of the alert as this page knows it: a snapshot, then every message of the stream laid over it.

import { kept } from "./story.js";

const MOST_STOPS = 1200;

/** @typedef {Record<string, (state: LiveSnapshot, event: LiveEvent) => LiveSnapshot>} Hands */

/** @type {Hands} */
const HANDS = { position: moved, action: acted, presence: seen, room: seated, ended };

/**
 * The state after one message. What is not understood changes nothing; a line known already is not told twice.
 * @param {LiveSnapshot} state
 * @param {LiveEvent} event
 * @param {string} language
 * @returns {LiveSnapshot}
 */
export function after(state, event, language) {
  const told = { ...state, sequence: Math.max(state.sequence, event.sequence), timeline: lines(state, event, language) };
  return HANDS[event.type]?.(told, event) ?? told;
}

/**
 * @param {LiveSnapshot} state
 * @param {LiveEvent} message
 * @param {string} language
 */
function lines(state, { event }, language) {
  if (!event || state.timeline.some((line) => line.sequence === event.sequence)) {
    return state.timeline;
  }
  const text = event.texts[language] ?? event.texts.fr ?? "";
  const { sequence, at, kind, about, message: sent } = event;
  return kept([...state.timeline, { sequence, at, kind, about, message: sent, text }]);
}

/** @type {Hands[string]} */
function moved(state, { positions = [] }) {
  const known = new Set(state.track.map((stop) => stop[2]));
  /** @type {TrackStop[]} */
  const stops = positions
    .filter((fix) => !known.has(fix.recorded_at))
    .map((fix) => [fix.latitude, fix.longitude, fix.recorded_at]);
  const track = [...state.track, ...stops]
    .sort((one, other) => Date.parse(one[2]) - Date.parse(other[2]))
    .slice(-MOST_STOPS);
  return { ...state, track, position: positions.reduce(newer, state.position) };
}

/**
 * The newest by the phone's clock wins: an older one only completes the track.
 * @param {LivePosition | null} one
 * @param {LivePosition} other
 */
function newer(one, other) {
  return one === null || Date.parse(other.recorded_at) >= Date.parse(one.recorded_at) ? other : one;
}

/** @type {Hands[string]} */
function acted(state, event) {
  const next = { ...state };
  if (event.in_charge !== undefined) {
    next.in_charge = event.in_charge;
    next.responders = next.responders.map((person) => {
      const taken = event.in_charge !== null && person.contact === event.contact;
      return { ...person, in_charge: taken, in_charge_by: taken ? event.by ?? null : null };
    });
  }
  next.calls = event.calls ?? next.calls;
  if (event.kind !== undefined || event.state !== undefined) {
    next.alert = { ...next.alert, kind: event.kind ?? next.alert.kind, state: event.state ?? next.alert.state };
  }
  if (event.role !== undefined) {
    next.responders = change(next, event.contact, { role: event.role });
  }
  return next;
}

/** @type {Hands[string]} */
function seen(state, event) {
  /** @type {Partial<LiveResponder>} */
  const facts = {};
  if (event.opened !== undefined) {
    facts.opened = event.opened;
  }
  if (event.position !== undefined) {
    facts.position = event.position;
  }
  if (event.street && state.position) {
    return { ...state, position: { ...state.position, street: event.street } };
  }
  return { ...state, responders: change(state, event.contact, facts) };
}

/** @type {Hands[string]} */
function seated(state, { up, seats }) {
  return seats === undefined ? state : { ...state, room: { up: up ?? false, seats } };
}

/** @type {Hands[string]} */
function ended(state, event) {
  const alert = { ...state.alert, state: event.state ?? state.alert.state, ended: true };
  const responders = state.responders.map((person) => ({ ...person, position: null }));
  return { ...state, alert, responders, position: null, track: [], room: null };
}

/**
 * The names of those who talk in the room, without the reader's own.
 * @param {LiveSnapshot} state
 * @returns {string[]}
 */
export function talking(state) {
  const names = (state.room?.seats ?? []).map((seat) => {
    const person = state.responders.find((one) => one.contact === seat.contact);
    return person?.you ? "" : seat.her ? state.victim.name : person?.name ?? "";
  });
  return names.filter(Boolean);
}

/**
 * The call to 17 that tells most, whether it is another's, and whether the reader has one of which nobody knows the end.
 * @param {LiveSnapshot} state
 * @returns {{ call: LiveCall | null, by_another: boolean, asked: boolean }}
 */
export function calling({ calls, responders }) {
  const me = responders.find((person) => person.you)?.contact;
  const [call = null] = calls;
  return {
    call,
    by_another: call !== null && call.contact !== me,
    asked: calls.some((one) => one.contact === me && one.outcome === null),
  };
}

/**
 * @param {LiveSnapshot} state
 * @param {number | undefined} contact
 * @param {Partial<LiveResponder>} facts
 */
function change(state, contact, facts) {
  return state.responders.map((person) => (person.contact === contact ? { ...person, ...facts } : person));
}
