/** Counts the places of each message while she types, shows it as it will read, and says the call aloud if asked. */

import { changed, doubled, places, segments, toGsm } from "../pure/gsm7.js";

/**
 * @param {DOMStringMap} words
 * @param {string} name
 */
function word(words, name) {
  return words[name] ?? "";
}

/**
 * Her words in the middle of the service's own; they end with a full stop, as the service sends them.
 * @param {DOMStringMap} words
 * @param {string} own
 */
function framed(words, own) {
  const ended = /[.!?\u2026]$/u.test(own) ? own : `${own}.`;
  return own ? `${word(words, "before")}${ended}${word(words, "after")}` : word(words, "bare");
}

/**
 * @param {DOMStringMap} words
 * @param {string} text
 */
function counted(words, text) {
  const number = segments(text);
  const sentence = word(words, number > 1 ? "many" : "one");
  return sentence.replace("{places}", String(places(text))).replace("{number}", String(number));
}

/**
 * @param {Element | null} line
 * @param {string[]} characters
 */
function list(line, characters) {
  if (line instanceof HTMLElement) {
    line.hidden = characters.length === 0;
    line.textContent = word(line.dataset, "words").replace("{characters}", characters.join(" "));
  }
}

/**
 * @param {HTMLElement} place
 * @param {DOMStringMap} words
 * @param {string} own
 */
function showSms(place, words, own) {
  const text = framed(place.dataset, toGsm(own));
  const count = place.querySelector("[data-count]");
  const preview = place.querySelector("[data-preview]");
  if (count && preview) {
    preview.textContent = text;
    count.textContent = counted(words, text);
    count.classList.toggle("long", segments(text) > 1);
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} own
 */
function showCall(place, own) {
  const said = place.querySelector("[data-said]");
  if (said) {
    said.textContent = framed(place.dataset, own.split(/\s+/u).filter(Boolean).join(" "));
  }
}

/** @param {HTMLElement} place */
function follow(place) {
  const area = place.querySelector("textarea");
  const readings = [...place.querySelectorAll("[data-sms]")].filter((one) => one instanceof HTMLElement);
  const calls = [...place.querySelectorAll("[data-call]")].filter((one) => one instanceof HTMLElement);
  if (!area) {
    return;
  }
  const show = () => {
    readings.forEach((one) => showSms(one, place.dataset, area.value));
    calls.forEach((one) => showCall(one, area.value));
    list(place.querySelector("[data-changed]"), changed(area.value));
    list(place.querySelector("[data-doubled]"), doubled(area.value));
  };
  area.addEventListener("input", show);
  show();
}

/**
 * Says the call with the voice of this browser; a second tap ends it.
 * @param {HTMLElement} place
 */
function listen(place) {
  const button = place.querySelector("[data-listen]");
  const said = place.querySelector("[data-said]");
  const keys = place.querySelector("[data-keys]");
  if (!(button instanceof HTMLElement) || !said) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    const speaking = speechSynthesis.speaking;
    speechSynthesis.cancel();
    if (speaking) {
      return;
    }
    const voice = new SpeechSynthesisUtterance(`${said.textContent} ${keys?.textContent ?? ""}`);
    voice.lang = place.lang;
    speechSynthesis.speak(voice);
  });
}

for (const place of document.querySelectorAll("[data-message]")) {
  if (place instanceof HTMLElement) {
    follow(place);
  }
}
if ("speechSynthesis" in window) {
  for (const place of document.querySelectorAll("[data-call]")) {
    if (place instanceof HTMLElement) {
      listen(place);
    }
  }
  addEventListener("leaving", () => speechSynthesis.cancel());
  addEventListener("pagehide", () => speechSynthesis.cancel());
}
