// The server's clock in this browser: ages never trust the telephone's own.

/**
 * @returns {{ set(serverNow: string, heardAt?: number): void, now(): number }} milliseconds since 1970
 */
export function serverClock() {
  let ahead = 0;
  return {
    set(serverNow, heardAt = Date.now()) {
      ahead = Date.parse(serverNow) - heardAt;
    },
    now: () => Date.now() + ahead,
  };
}

/**
 * When the first byte of this page arrived, on this telephone's clock: the server wrote its time just before.
 * @returns {number}
 */
export function pageHeardAt() {
  const [entry] = performance.getEntriesByType("navigation");
  const heard = entry instanceof PerformanceNavigationTiming ? entry.responseStart : 0;
  return heard > 0 ? performance.timeOrigin + heard : Date.now();
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
  window.addEventListener("pageshow", follow);
  follow();
}
