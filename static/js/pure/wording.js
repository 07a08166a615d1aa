// The sentences of the live page, from the phrases that the server gives. responders/domain/wording.py says the same:
// tests/responders/wording_cases.json holds both together.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const STILL = 0.5;
const WALKING = 2.5;
const UNSURE_AFTER = 300;
const LOST_AFTER = 300;
const MOST_SAID = 3;

/**
 * A phrase with its {braces} filled.
 * @param {Record<string, string>} words
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(words, key, values = {}) {
  return (words[key] ?? "").replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));
}

/**
 * A duration, as coarse as it is long.
 * @param {Record<string, string>} words
 * @param {number} seconds
 * @returns {string}
 */
export function age(words, seconds) {
  const whole = Math.max(Math.trunc(seconds), 0);
  if (whole < MINUTE) {
    return say(words, "second", { n: whole });
  }
  if (whole < HOUR) {
    return say(words, "minute", { n: Math.trunc(whole / MINUTE) });
  }
  if (whole < DAY) {
    const minutes = Math.trunc((whole % HOUR) / MINUTE);
    return say(words, "hour", { h: Math.trunc(whole / HOUR), m: String(minutes).padStart(2, "0") });
  }
  return say(words, "day", { d: Math.trunc(whole / DAY), h: Math.trunc((whole % DAY) / HOUR) });
}

/**
 * Metres as a person would say them.
 * @param {Record<string, string>} words
 * @param {number} metres
 * @returns {string}
 */
export function distance(words, metres) {
  if (metres < 1000) {
    const exact = metres < 100 ? Math.round(metres) : Math.round(metres / 10) * 10;
    if (exact < 1000) {
      return say(words, "metre", { n: exact });
    }
  }
  if (metres < 10000) {
    const tenths = Math.round(metres / 100);
    return say(words, "kilometre", { n: `${Math.trunc(tenths / 10)}${words.decimal}${tenths % 10}` });
  }
  return say(words, "kilometre", { n: Math.round(metres / 1000) });
}

/**
 * One of eight points of the compass, with its preposition.
 * @param {Record<string, string>} words
 * @param {number} degrees clockwise from north
 * @returns {string}
 */
export function direction(words, degrees) {
  return say(words, `direction_${Math.round(degrees / 45) % 8}`);
}

/**
 * How much a fix still says: live, then late, then lost.
 * @param {number} seconds age on the server's clock
 * @param {{ late_after: number, lost_after: number }} limits
 * @returns {Freshness}
 */
export function freshness(seconds, limits) {
  if (seconds <= limits.late_after) {
    return "live";
  }
  return seconds <= limits.lost_after ? "late" : "lost";
}

/**
 * A speed in metres per second as a way of moving.
 * @param {Record<string, string>} words
 * @param {number} speed
 * @returns {string}
 */
export function pace(words, speed) {
  if (speed < STILL) {
    return say(words, "still");
  }
  return speed < WALKING ? say(words, "walking") : say(words, "fast", { n: Math.round(speed * 3.6) });
}

/**
 * The state of the newest fix in words.
 * @param {Record<string, string>} words
 * @param {Pick<LivePosition, "accuracy" | "speed" | "battery"> | null} position
 * @param {{ seconds: number, freshness: Freshness, lost_at: string }} age_of_it
 * @returns {string}
 */
export function fix(words, position, { seconds, freshness: fresh, lost_at }) {
  if (position === null) {
    return say(words, "unknown");
  }
  const parts = [say(words, fresh, { age: age(words, seconds), time: lost_at })];
  if (position.accuracy !== null) {
    parts.push(say(words, "accuracy", { distance: distance(words, position.accuracy) }));
  }
  if (position.speed !== null && fresh !== "lost") {
    parts.push(pace(words, position.speed));
  }
  if (position.battery !== null) {
    parts.push(say(words, "battery", { percent: position.battery }));
  }
  return parts.join(", ");
}

/**
 * How calling 17 stands: a word and a sentence. A call of five minutes without a word may be none.
 * @param {Record<string, string>} words
 * @param {LiveCall | null} call the most telling one
 * @param {{ seconds: number, time: string }} since how long ago it began, and when
 * @returns {[string, string]}
 */
export function seventeen(words, call, { seconds, time }) {
  if (!call) {
    return ["nobody", say(words, "nobody_17")];
  }
  const state = call.outcome ?? (seconds < UNSURE_AFTER ? "calling" : "unsure");
  const said = say(words, `${state}_17`, { name: call.by, time });
  return [state, call.note ? say(words, "noted", { said, note: call.note }) : said];
}

/**
 * The same on the key that calls.
 * @param {Record<string, string>} words
 * @param {string} state
 * @param {string} name
 */
export function onKey(words, state, name) {
  return say(words, `key_${["nobody", "calling", "reached"].includes(state) ? state : "again"}`, { name });
}

/**
 * How far somebody is, and how long ago that was where it is long.
 * @param {Record<string, string>} words
 * @param {string} away
 * @param {number} seconds
 */
export function since(words, away, seconds) {
  return seconds > LOST_AFTER ? say(words, "away_old", { away, age: age(words, seconds) }) : away;
}

/**
 * Decimal degrees to about a metre.
 * @param {LivePlace} place
 * @returns {string}
 */
export function coordinates(place) {
  return `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}`;
}

/**
 * Names in a sentence: "Nadia et Thomas", "Nadia, Thomas et 2 autres".
 * @param {Record<string, string>} words
 * @param {string[]} names
 * @returns {string}
 */
export function together(words, names) {
  const [one = "", two = "", three = "", ...others] = names;
  if (others.length) {
    return say(words, "list_more", { names: `${one}, ${two}`, n: others.length + 1 });
  }
  if (three) {
    return say(words, "list_two", { one: `${one}, ${two}`, two: three });
  }
  return two ? say(words, "list_two", { one, two }) : one;
}

/**
 * What came together, for ears: the newest, and how many more.
 * @param {Record<string, string>} words
 * @param {string[]} texts the oldest first
 * @returns {string}
 */
export function announced(words, texts) {
  const newest = texts.slice(-MOST_SAID).join(". ");
  const others = texts.length - MOST_SAID;
  return others > 0 ? say(words, "list_more", { names: newest, n: others }) : newest;
}

/**
 * The letters on a responder's mark on the map: one or two.
 * @param {string} name
 * @returns {string}
 */
export function initials(name) {
  const parts = name.trim().split(/[\s-]+/).filter(Boolean);
  return parts.slice(0, 2).map((part) => Array.from(part)[0] ?? "").join("").toLocaleUpperCase();
}
