/**
 * Quick exit: the button, or three presses of Shift within two seconds. The page is blank at once; the way out goes
 * through our own address, which ends the session. The browser's history is not erased: nothing in a page can do that.
 */

const PRESSES = 3;
const WITHIN_MS = 2000;

/** @type {HTMLAnchorElement | null} */
const way = document.querySelector("a.quick-exit");

/** @type {number[]} */
let pressed = [];

/** @param {string} href */
function leave(href) {
  dispatchEvent(new Event("leaving")); // a microphone is off before the way out has answered
  document.title = "\u00a0";
  document.body.replaceChildren();
  location.replace(href);
}

/** @param {KeyboardEvent} event */
function count(event) {
  if (event.repeat) {
    return;
  }
  const now = performance.now();
  pressed = event.key === "Shift" ? [...pressed.filter((at) => now - at < WITHIN_MS), now] : [];
  if (pressed.length >= PRESSES && way) {
    leave(way.href);
  }
}

if (way) {
  way.addEventListener("click", (event) => {
    event.preventDefault();
    leave(way.href);
  });
  document.addEventListener("keydown", count);
}

// A page that the browser kept in memory would come back, blank or not, with the Back button.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
