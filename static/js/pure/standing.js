/** How this telephone stands, as the service is told: only what can fail without a sound. No clock, no network. */

import { isLow } from "./button.js";

export const APART_MS = 60_000;
/** What has not changed is told again now and then: a sign that it still works. */
export const AGAIN_MS = 3_600_000;

/**
 * The body of PUT /phone/standing. Her button: null when she uses none, left out while hers is not heard, or while
 * nobody knows yet whether she has one.
 * @param {{position: PhoneState["position"], button: ButtonState | null}} state
 * @param {number | null} battery percent
 * @returns {PhoneStanding}
 */
export function standingOf({ position, button }, battery) {
  if (button?.standing === "none") {
    return { position, battery, button: null };
  }
  return button?.standing === "in" ? { position, battery, button: { battery: button.battery } } : { position, battery };
}

/**
 * What of it is news: not each percent of a battery.
 * @param {PhoneStanding} standing
 */
export function newsOf({ position, button }) {
  if (!button) {
    return `${position} ${button === null ? "none" : "unheard"}`;
  }
  const level = isLow(button) ? "low" : "full";
  return `${position} ${button.battery === null ? "heard" : level}`;
}

/**
 * Milliseconds until it is told: news as soon as it may, the same after an hour.
 * @param {{news: boolean, told: number, tried: number, now: number}} when the last success and the last try, milliseconds
 */
export function due({ news, told, tried, now }) {
  return Math.max(0, news ? 0 : told + AGAIN_MS - now, tried + APART_MS - now);
}
