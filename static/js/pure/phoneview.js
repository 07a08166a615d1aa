/** Everything the companion page shows, derived from what it knows. Words come from the page. */

import { isLow } from "./button.js";

const GONE = new Set(["placed", "accepted", "called", "delivered", "opened", "answered"]);
const BEST_FIRST = [
  "answered", "opened", "delivered", "called", "accepted", "placed", "sending", "due", "unknown", "failed",
];
/** A call that was taken may have been taken by a machine: it rang, no more. @type {Record<string, string>} */
const OF_CALLS = { accepted: "placed", delivered: "called" };

/**
 * What a page knows that was just opened.
 * @returns {PhoneState}
 */
export function unknown() {
  return {
    paired: false,
    revoked: false,
    pending: [],
    late: false,
    cut: false,
    alert: null,
    removed: [],
    followed: false,
    ended: null,
    spare: false,
    fixes: 0,
    position: "absent",
    forgetful: false,
    sounding: false,
    rehearsal: null,
    text: "",
    button: null,
  };
}

/**
 * Put values in the places of a sentence: "depuis {time}".
 * @param {string | undefined} sentence
 * @param {Record<string, string | number>} values
 */
export function said(sentence, values) {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));
}

/**
 * @param {string} at ISO 8601
 * @param {string} language
 */
export function clock(at, language) {
  return new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

/**
 * Where one message or call stands.
 * @param {{channel: string, state: string}} delivery
 */
function stands({ channel, state }) {
  return channel === "voice" ? OF_CALLS[state] ?? state : state;
}

/**
 * The furthest that anything got to one contact.
 * @param {ToldContact} contact
 */
export function reached(contact) {
  if (contact.opened) {
    return "opened";
  }
  const states = new Set(contact.deliveries.map(stands));
  return BEST_FIRST.find((state) => states.has(state)) ?? "none";
}

/**
 * What she most wants to know of one contact: does something, cannot, or how far the messages got.
 * @param {ToldContact} contact
 */
export function standing(contact) {
  if (contact.removed) {
    return "removed";
  }
  if (contact.in_charge) {
    return "in_charge";
  }
  return contact.declined ? "declined" : reached(contact);
}

/**
 * Each way by itself: "SMS : reçu", "Appel : en attente".
 * @param {ToldContact} contact
 * @param {Words} words
 */
export function ways(contact, words) {
  const parts = contact.deliveries.map((delivery) => said(words["way"], {
    channel: words[`channel_${delivery.channel}`] ?? "", state: words[`sent_${stands(delivery)}`] ?? "",
  }));
  return contact.stopped ? [...parts, words["stopped"] ?? ""] : parts;
}

/** @param {ToldContact[]} contacts */
export function tally(contacts) {
  const states = contacts.map(reached);
  return {
    all: states.length,
    told: states.filter((state) => GONE.has(state)).length,
    opened: contacts.filter((contact) => contact.opened).length,
  };
}

/**
 * @param {PhoneAlert} alert
 * @param {Words} words
 * @param {string} language
 */
export function alertLine(alert, words, language) {
  const parts = [
    said(words["since"], { kind: words[alert.kind] ?? "", time: clock(alert.opened_at, language) }),
    said(words["told"], tally(alert.contacts.filter((contact) => !contact.removed))),
    alert.in_charge === null ? words["nobody"] ?? "" : said(words["in_charge"], { name: alert.in_charge }),
  ];
  if (alert.nobody_reached) {
    parts.unshift(words["nobody_reached"] ?? "");
  }
  return (alert.drill ? [words["drill"] ?? "", ...parts] : parts).join(" · ");
}

/**
 * @param {PhoneState} state
 * @param {Words} words
 */
function notices(state, words) {
  const keys = [];
  if (state.position !== "granted") {
    keys.push(`position_${state.position}`);
  }
  if (state.alert !== null && state.cut) {
    keys.push("cut");
  }
  if (state.forgetful) {
    keys.push("forgetful");
  }
  return [...keys, ...ofButton(state.button)].map((key) => said(words[key], { count: state.fixes }));
}

/**
 * A button that nobody hears must not be trusted.
 * @param {ButtonState | null} button
 */
function ofButton(button) {
  if (button === null) {
    return [];
  }
  const keys = button.standing === "lost" || button.standing === "again" ? ["button_unheard"] : [];
  return isLow(button) ? [...keys, "button_low"] : keys;
}

/**
 * The words in the middle and the line beneath: what is not sent comes first, then the alert, then the rest.
 * @param {PhoneState} state
 * @param {Words} words
 * @param {string} language
 * @returns {[string, string]}
 */
function sentences(state, words, language) {
  if (state.rehearsal !== null) {
    return tryout(state.rehearsal, words);
  }
  const alert = state.alert === null ? "" : alertLine(state.alert, words, language);
  const newest = state.pending.filter((click) => !click.stale).at(-1);
  if (newest && state.late) {
    return [said(words["not_sent"], {}), [said(words["not_sent_line"], {}), alert].filter(Boolean).join(" · ")];
  }
  if (newest) {
    return [said(words["sending"], { gesture: words[newest.gesture] ?? "" }), alert];
  }
  return state.alert === null ? calm(state, words, language) : open(state, words, alert);
}

/**
 * While the siren sounds, what stops it comes first.
 * @param {PhoneState} state
 * @param {Words} words
 * @param {string} line
 */
function stopping({ sounding }, words, line) {
  return [sounding ? words["sounding"] : "", line].filter(Boolean).join(" · ");
}

/**
 * @param {RehearsalState} rehearsal
 * @param {Words} words
 * @returns {[string, string]}
 */
function tryout({ last, made }, words) {
  const word = last === null ? words["rehearsal"] : said(words["recognised"], { gesture: words[last] ?? "" });
  return [word ?? "", said(words["rehearsal_line"], made)];
}

/**
 * An alert runs and nothing waits. Her last click was sent, or it was one too many and was not: never the one for the
 * other.
 * @param {PhoneState} state
 * @param {Words} words
 * @param {string} alert
 * @returns {[string, string]}
 */
function open(state, words, alert) {
  return state.spare
    ? [said(words["running"], {}), `${said(words["spare"], {})} · ${alert}`]
    : [said(words["open"], {}), alert];
}

/**
 * No alert, nothing on its way.
 * @param {PhoneState} state
 * @param {Words} words
 * @param {string} language
 * @returns {[string, string]}
 */
function calm(state, words, language) {
  if (state.pending.length > 0) {
    return [said(words["unsent"], {}), ""];
  }
  if (state.ended !== null) {
    return [said(words["ended"], {}), said(words["ended_line"], { time: clock(state.ended, language) })];
  }
  return [said(words["ready"], {}), ""];
}

/**
 * @param {PhoneState} state
 * @param {Words} words
 * @param {string} language
 */
function question(state, words, language) {
  const old = state.pending.find((click) => click.stale);
  return old ? said(words["stale"], { gesture: words[old.gesture] ?? "", time: clock(old.clicked_at, language) }) : "";
}

/** @param {PhoneState} state */
function toldBy(state) {
  return state.alert === null ? [] : state.alert.contacts;
}

/**
 * Nothing runs and nothing waits here.
 * @param {PhoneState} state
 */
export function isCalm(state) {
  return state.alert === null && state.pending.length === 0 && !state.sounding;
}

/** @param {PhoneState} state */
function stuck(state) {
  return state.pending.some((click) => click.stale || state.late);
}

/**
 * Nobody is known to know: she should have the other ways out at hand. In a drill nobody calls 17.
 * @param {PhoneState} state
 */
function alone(state) {
  return state.alert !== null && state.alert.nobody_reached && !state.alert.drill;
}

/**
 * @param {PhoneState} state
 * @param {Words} words
 * @param {string} language
 * @returns {PhoneView}
 */
export function view(state, words, language) {
  const [word, line] = sentences(state, words, language);
  return {
    screen: state.paired ? "surface" : "unpaired",
    word,
    line: stopping(state, words, line),
    ways: state.revoked || stuck(state) || alone(state),
    text: stuck(state) ? state.text : "",
    alert: state.alert !== null,
    end: state.alert !== null || state.sounding,
    rehearsal: state.rehearsal !== null,
    mayRehearse: isCalm(state),
    voice: state.alert !== null && state.alert.kind !== "prevention",
    revoked: state.revoked,
    remove: toldBy(state).some((contact) => !contact.removed),
    follow: state.alert !== null && !state.followed,
    allow: state.position === "prompt",
    ask: question(state, words, language),
    notices: notices(state, words),
    contacts: toldBy(state).map((contact) => ({
      name: contact.name,
      what: words[`contact_${standing(contact)}`] ?? "",
      how: ways(contact, words),
    })),
  };
}
