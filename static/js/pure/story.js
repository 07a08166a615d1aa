// The timeline as people read it: the messages of one round folded into one line, which keeps its place while receipts
// come in. alerts/domain/stories.py folds in the same way: tests/responders/story_cases.json holds both together.

import { say } from "./wording.js";

const MOST_LINES = 200;
const SAID = ["answered", "received", "sent", "unsure", "waiting", "failed"];
const LOUD = new Set([
  "opened", "upgraded", "closed", "false_alarm", "expired", "closed_under_duress", "call_17", "reached_17",
  "not_reached_17", "take_charge", "hand_over", "release", "go", "children", "cut_off",
  "declined", "round_1", "round_2", "round_3", "on_call", "exhausted", "nobody_reached",
]);

/**
 * Whether a line is read aloud and set in bold: what people did, not every receipt.
 * @param {LiveLine} line
 * @returns {boolean}
 */
export function isLoud(line) {
  return LOUD.has(line.kind);
}

/**
 * A line's numbers and words as one attribute, and back.
 * @param {LiveLine} line
 * @returns {string}
 */
export function packed({ sequence, kind, message }) {
  return [sequence, kind, ...message ? [message.round, message.to, message.way, message.outcome] : []].join(" ");
}

/**
 * @param {string} text
 * @returns {Pick<LiveLine, "sequence" | "kind" | "message">}
 */
export function unpacked(text) {
  const [sequence = "", kind = "", ...message] = text.split(" ");
  const [round = "", to = "", way = "", outcome = ""] = message;
  return { sequence: Number(sequence), kind, message: round ? { round, to: Number(to), way, outcome } : null };
}

/**
 * The newest lines, the newest first. What people did goes before receipts where there are too many of both.
 * @param {LiveLine[]} lines
 * @returns {LiveLine[]}
 */
export function kept(lines) {
  const ordered = [...lines].sort((one, other) => other.sequence - one.sequence);
  const others = ordered.filter((line) => line.message === null).slice(0, MOST_LINES);
  const messages = ordered.filter((line) => line.message !== null).slice(0, MOST_LINES - others.length);
  return [...others, ...messages].sort((one, other) => other.sequence - one.sequence);
}

/**
 * The same lines, those about the messages of one round as one, where the oldest of them stood.
 * @param {LiveLine[]} lines the newest first
 * @returns {(LiveLine | LiveFold)[]}
 */
export function fold(lines) {
  /** @type {Map<string, LiveLine[]>} */
  const rounds = new Map();
  for (const line of lines) {
    if (line.message) {
      rounds.set(line.message.round, [...rounds.get(line.message.round) ?? [], line]);
    }
  }
  return lines.flatMap(/** @returns {(LiveLine | LiveFold)[]} */ (line) => {
    const together = rounds.get(line.message?.round ?? "");
    if (!line.message || !together) {
      return [line];
    }
    return together.at(-1) === line ? [{ round: line.message.round, lines: together }] : [];
  });
}

/**
 * How many messages came how far; one moves only forward, so its newest line counts.
 * @param {LiveFold} folded
 * @returns {[string, number][]}
 */
export function outcomes({ lines }) {
  /** @type {Map<string, string>} */
  const furthest = new Map();
  for (const { message } of lines) {
    const key = `${message?.to} ${message?.way}`;
    if (message && !furthest.has(key)) {
      furthest.set(key, message.outcome);
    }
  }
  const said = [...furthest.values()];
  return SAID.flatMap((outcome) => {
    const n = said.filter((one) => one === outcome).length;
    return n ? [/** @type {[string, number]} */ ([outcome, n])] : [];
  });
}

/**
 * A folded line as a sentence.
 * @param {Record<string, string>} words
 * @param {LiveFold} folded
 * @returns {string}
 */
export function summary(words, folded) {
  const people = new Set(folded.lines.map(({ message }) => message?.to)).size;
  const whom = say(words, people === 1 ? "story_one" : "story_many", { n: people });
  return [whom, ...outcomes(folded).map(([outcome, n]) => say(words, `story_${outcome}`, { n }))].join(", ");
}
