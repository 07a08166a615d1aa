// When a page tries again, and in which order messages come through.

const FIRST = 1000;
const LONGEST = 8000;
const MOST_HELD = 100;
const UNNUMBERED = new Set(["presence", "room"]);

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

/**
 * Behind a snapshot with this number; what was held and is newer goes on waiting or comes through.
 * @param {number} sequence
 * @param {LiveEvent[]} [held]
 * @returns {StreamPassage}
 */
export function behind(sequence, held = []) {
  return release({ last: sequence, held: held.filter((event) => event.sequence > sequence) }, []);
}

/**
 * One message arrives. `missing` says that another should have come before: it may still do so within a moment.
 * @param {StreamGate} gate
 * @param {LiveEvent} event
 * @returns {StreamPassage}
 */
export function pass(gate, event) {
  if (event.type === "gap") {
    return { gate, events: [], missing: event.sequence > gate.last || gate.held.length > 0 };
  }
  if (event.type === "ended") {
    return { gate: { last: Math.max(gate.last, event.sequence), held: [] }, events: [event], missing: false };
  }
  if (event.sequence <= gate.last) {
    const current = UNNUMBERED.has(event.type) && event.event === undefined;
    return { gate, events: current ? [event] : [], missing: gate.held.length > 0 };
  }
  const held = [...gate.held.filter((other) => other.sequence !== event.sequence), event]
    .sort((one, other) => one.sequence - other.sequence)
    .slice(-MOST_HELD);
  return release({ last: gate.last, held }, []);
}

/**
 * @param {StreamGate} gate
 * @param {LiveEvent[]} events
 * @returns {StreamPassage}
 */
function release(gate, events) {
  const [next, ...rest] = gate.held;
  if (next && next.sequence === gate.last + 1) {
    return release({ last: next.sequence, held: rest }, [...events, next]);
  }
  return { gate, events, missing: gate.held.length > 0 };
}
