/** The plain surface: feeds the pointer's events to the recogniser, and answers the hand by a vibration. */

import { feel, still } from "../../pure/gestures.js";

/** @type {Record<Gesture, number[]>} */
const FELT = { single: [60], double: [60, 90, 60], long: [300] };
const ARRIVED = [30, 60, 30, 60, 30];
const STUCK = [500, 200, 500];

/** @param {number[]} pattern milliseconds; browsers refuse it to a page that nobody has touched yet, such as a reloaded one */
function vibrate(pattern) {
  if ("vibrate" in navigator && navigator.userActivation?.hasBeenActive !== false) {
    navigator.vibrate(pattern);
  }
}

/** @param {Gesture} gesture */
export function felt(gesture) {
  vibrate(FELT[gesture]);
}

export function arrived() {
  vibrate(ARRIVED);
}

/** It did not leave: for a hand whose eyes are elsewhere. */
export function stuck() {
  vibrate(STUCK);
}

/**
 * @param {HTMLElement} surface
 * @param {(gesture: Gesture) => void} made
 * @returns {() => void} drops a gesture that is half made
 */
export function listen(surface, made) {
  let hand = still();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {Touched} event */
  function feed(event) {
    const next = feel(hand, event);
    hand = next.hand;
    clearTimeout(timer);
    if (next.wake !== null) {
      timer = setTimeout(tick, Math.max(0, next.wake - performance.now()) + 1);
    }
    surface.classList.toggle("touched", hand.phase === "pressed");
    next.gestures.forEach(made);
  }

  function tick() {
    feed({ kind: "tick", pointer: -1, x: 0, y: 0, t: performance.now() });
  }

  /**
   * @param {Touched["kind"]} kind
   * @param {PointerEvent} event
   */
  function pointer(kind, event) {
    feed({ kind, pointer: event.pointerId, x: event.clientX, y: event.clientY, t: event.timeStamp });
  }

  surface.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      surface.setPointerCapture(event.pointerId);
      pointer("down", event);
    }
  });
  surface.addEventListener("pointermove", (event) => pointer("move", event));
  surface.addEventListener("pointerup", (event) => pointer("up", event));
  surface.addEventListener("pointercancel", (event) => pointer("cancel", event));
  surface.addEventListener("contextmenu", (event) => event.preventDefault());
  return () => {
    clearTimeout(timer);
    hand = still();
    surface.classList.remove("touched");
  };
}
