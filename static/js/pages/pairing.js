/** The pairing code: counts down its ten minutes, is copied by one tap, and goes on by itself once it was used. */

const MS = 1000;
const MINUTE = 60;
const EVERY_MS = 2000;
const card = document.querySelector("[data-pairing]");
const began = performance.now();

/** @param {number} seconds */
function clock(seconds) {
  return `${Math.floor(seconds / MINUTE)}:${String(seconds % MINUTE).padStart(2, "0")}`;
}

/**
 * @param {HTMLElement} shown
 * @param {HTMLElement} place
 */
function count(shown, place) {
  const left = Math.max(0, Math.ceil(Number(place.dataset["seconds"]) - (performance.now() - began) / MS));
  const words = left > 0 ? place.dataset["left"] : place.dataset["over"];
  shown.textContent = (words ?? "").replace("{time}", clock(left));
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} said
 */
async function copy(place, said) {
  const code = place.querySelector("[data-code]");
  try {
    await navigator.clipboard.writeText(code instanceof HTMLElement ? code.dataset["code"] ?? "" : "");
    said.textContent = place.dataset["copied"] ?? "";
  } catch {
    said.textContent = place.dataset["failed"] ?? "";
  }
}

/** Whether her list has a telephone more than when this page was made.
 * @param {HTMLElement} place
 */
async function isPaired(place) {
  if (document.visibilityState !== "visible") {
    return false;
  }
  const answer = await fetch(place.dataset["list"] ?? "", { headers: { Accept: "text/html" }, redirect: "error" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return answer.ok && page.querySelectorAll("[data-phone]").length > Number(place.dataset["phones"]);
}

/** @param {HTMLElement} place */
function goOn(place) {
  const left = Number(place.dataset["seconds"]) * MS - (performance.now() - began);
  if (left <= 0) {
    return;
  }
  setTimeout(() => {
    isPaired(place).catch(() => false).then((is) => (is ? location.assign(place.dataset["list"] ?? "") : goOn(place)));
  }, EVERY_MS);
}

if (card instanceof HTMLElement) {
  goOn(card);
  const shown = card.querySelector("[data-countdown]");
  const button = card.querySelector("[data-copy]");
  const said = card.querySelector("[data-said]");
  if (shown instanceof HTMLElement) {
    count(shown, card);
    setInterval(() => count(shown, card), MS);
  }
  if (button instanceof HTMLElement && said instanceof HTMLElement && "clipboard" in navigator) {
    button.hidden = false;
    button.addEventListener("click", () => copy(card, said));
  }
}
