/**
 * How long a text is as an SMS (3GPP TS 23.038): 160 places alone, 153 in each of several; characters of the extension
 * take two. The service writes every SMS in this alphabet: what it lacks is written with the nearest letters.
 */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
  + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");
/** @type {ReadonlyMap<string, string>} */
const PLAIN = new Map([
  ["\u2018", "'"], ["\u2019", "'"], ["\u201b", "'"], ["\u02bc", "'"],
  ["\u201c", "\""], ["\u201d", "\""], ["\u201e", "\""], ["\u00ab", "\""], ["\u00bb", "\""],
  ["\u2026", "..."],
  ["\u2010", "-"], ["\u2011", "-"], ["\u2012", "-"], ["\u2013", "-"], ["\u2014", "-"], ["\u2212", "-"],
  ["\u00a0", " "], ["\u202f", " "], ["\u2009", " "],
  ["\u00b0", "o"], ["\u0153", "oe"], ["\u0152", "OE"],
  ["\u0110", "D"], ["\u0111", "d"], ["\u0142", "l"], ["\u0141", "L"],
]);
const ONE = 160;
const MANY = 153;

/** @param {string} character */
function written(character) {
  if (BASIC.has(character) || EXTENDED.has(character)) {
    return character;
  }
  const plain = PLAIN.get(character);
  if (plain !== undefined) {
    return plain;
  }
  const base = character.normalize("NFD").charAt(0);
  return BASIC.has(base) ? base : "?";
}

/** The text as it will be sent: one line, in the alphabet; "?" stands for what only the service can write as it sounds.
 * @param {string} text
 * @returns {string}
 */
export function toGsm(text) {
  const line = text.normalize("NFC").split(/\s+/u).filter(Boolean).join(" ");
  return [...line].map(written).join("");
}

/** Which characters of the text will be written otherwise, each once.
 * @param {string} text
 * @returns {string[]}
 */
export function changed(text) {
  const characters = [...text.normalize("NFC")].filter((character) => !/\s/u.test(character));
  return [...new Set(characters.filter((character) => written(character) !== character))];
}

/** The characters that take two places, each once.
 * @param {string} text
 * @returns {string[]}
 */
export function doubled(text) {
  return [...new Set([...text].filter((character) => EXTENDED.has(character)))];
}

/** Places that a text of this alphabet takes.
 * @param {string} text
 * @returns {number}
 */
export function places(text) {
  return [...text].reduce((sum, character) => sum + (EXTENDED.has(character) ? 2 : 1), 0);
}

/** How many SMS the network makes of a text of this alphabet; a character of two places is never cut.
 * @param {string} text
 * @returns {number}
 */
export function segments(text) {
  if (places(text) <= ONE) {
    return 1;
  }
  let count = 1;
  let room = MANY;
  for (const character of text) {
    const width = places(character);
    if (width > room) {
      count += 1;
      room = MANY;
    }
    room -= width;
  }
  return count;
}
