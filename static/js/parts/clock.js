// The server's clock in this browser: ages never trust the telephone's own.

import { serverTime } from "../pure/clock.js";

/** @returns {ServerClock} */
export function serverClock() {
  return serverTime({ wall: () => Date.now(), steady: () => performance.now() });
}

/**
 * When the first byte of this page arrived, in milliseconds of performance.now(): the server wrote its time before.
 * @returns {number | undefined}
 */
export function pageHeardAt() {
  const [entry] = performance.getEntriesByType("navigation");
  const heard = entry instanceof PerformanceNavigationTiming ? entry.responseStart : 0;
  return heard > 0 ? heard : undefined;
}

/**
 * Call at once, every second while the page is seen, and the moment it is seen again.
 * @param {() => void} tick
 */
export function everySecond(tick) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let beat;
  const follow = () => {
    clearInterval(beat);
    if (document.visibilityState === "visible") {
      tick();
      beat = setInterval(tick, 1000);
    }
  };
  document.addEventListener("visibilitychange", follow);
  document.addEventListener("resume", follow); // frozen pages of Chromium
  window.addEventListener("pageshow", follow);
  follow();
}
