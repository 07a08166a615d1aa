/** Counts the places of each message while she types, and shows it in the SMS as it will read. */

import { changed, places, segments, toGsm } from "../pure/gsm7.js";

/**
 * @param {DOMStringMap} words
 * @param {string} name
 */
function word(words, name) {
  return words[name] ?? "";
}

/**
 * @param {DOMStringMap} words
 * @param {string} typed
 */
function sms(words, typed) {
  const own = toGsm(typed);
  return own ? `${word(words, "before")}${own}${word(words, "after")}` : word(words, "bare");
}

/**
 * @param {DOMStringMap} words
 * @param {string} text
 * @param {string[]} odd
 */
function said(words, text, odd) {
  const number = segments(text);
  const length = word(words, number > 1 ? "many" : "one");
  const other = odd.length > 0 ? word(words, "odd").replace("{characters}", odd.join(" ")) : "";
  return `${length.replace("{places}", String(places(text))).replace("{number}", String(number))} ${other}`.trim();
}

/** @param {HTMLElement} place */
function follow(place) {
  const area = place.querySelector("textarea");
  const count = place.querySelector("[data-count]");
  const preview = place.querySelector("[data-preview]");
  if (!area || !count || !preview) {
    return;
  }
  const show = () => {
    const text = sms(place.dataset, area.value);
    count.textContent = said(place.dataset, text, changed(area.value));
    count.classList.toggle("long", segments(text) > 1);
    preview.textContent = text;
  };
  area.addEventListener("input", show);
  show();
}

for (const place of document.querySelectorAll("[data-message]")) {
  if (place instanceof HTMLElement) {
    follow(place);
  }
}
