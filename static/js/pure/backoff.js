// When to try again: at once, then after 1, 2, 4, 8 seconds, never all pages in the same moment.

const FIRST = 1000;
const LONGEST = 8000;

/**
 * Milliseconds to wait after so many failures in a row.
 * @param {number} failures
 * @param {() => number} random from 0 to 1
 */
export function pause(failures, random) {
  if (failures <= 0) {
    return 0;
  }
  const whole = Math.min(FIRST * 2 ** (failures - 1), LONGEST);
  return Math.round(whole * (0.75 + random() / 2));
}
