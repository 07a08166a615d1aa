/** Keeps the screen on during an alert: a page whose screen is locked knows no position. */

/** @type {WakeLockSentinel | null} */
let held = null;
let wanted = false;

async function ask() {
  if (!wanted || !("wakeLock" in navigator) || document.visibilityState !== "visible" || (held && !held.released)) {
    return;
  }
  try {
    held = await navigator.wakeLock.request("screen");
  } catch {
    held = null; // refused while saving power: the page says anyway that a locked screen sends nothing
  }
}

/** @param {boolean} awake */
export function stayAwake(awake) {
  wanted = awake;
  if (awake) {
    ask();
  } else {
    held?.release();
    held = null;
  }
}

document.addEventListener("visibilitychange", ask);
