/** Keeps the screen on during an alert: a page whose screen is locked knows no position. */

/** @type {WakeLockSentinel | null} */
let held = null;
let wanted = false;
let asking = false;

function has() {
  return held !== null && !held.released;
}

function may() {
  return "wakeLock" in navigator && document.visibilityState === "visible";
}

async function ask() {
  if (!wanted || asking || has() || !may()) {
    return;
  }
  asking = true; // one at a time: a second lock would be nobody's, and never let go
  try {
    held = await navigator.wakeLock.request("screen");
  } catch {
    held = null; // refused while saving power: the page says anyway that a locked screen sends nothing
  }
  asking = false;
  if (!wanted) {
    letGo();
  }
}

function letGo() {
  held?.release();
  held = null;
}

/** @param {boolean} awake */
export function stayAwake(awake) {
  wanted = awake;
  if (awake) {
    ask();
  } else {
    letGo();
  }
}

document.addEventListener("visibilitychange", ask);
