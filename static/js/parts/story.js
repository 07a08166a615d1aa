// The timeline on the page. The server wrote it first; what is there already keeps its element, open folds stay open.

import { fold, isLoud, packed, summary, unpacked } from "../pure/story.js";
import { put } from "./page.js";

const list = () => document.getElementById("timeline");
/** What the list shows now. @type {LiveLine[]} */
let shown = [];

/**
 * The lines as the server wrote them on the page, the newest first.
 * @returns {LiveLine[]}
 */
export function told() {
  const lines = Array.from(list()?.querySelectorAll("[data-line]") ?? [], (item) => ({
    ...unpacked(item.getAttribute("data-line") ?? ""),
    about: /** @type {LiveLine["about"]} */ (item.getAttribute("data-about")),
    at: item.querySelector("time")?.dateTime ?? "",
    text: item.querySelector("span")?.textContent ?? "",
  }));
  return lines.sort((one, other) => other.sequence - one.sequence);
}

/**
 * @param {LiveSnapshot} state
 * @param {LiveSpeaker} speaker
 */
export function timeline(state, speaker) {
  const into = list();
  if (into && state.timeline !== shown) {
    shown = state.timeline;
    fill(into, fold(state.timeline).map((entry) => "lines" in entry ? folded(into, entry, speaker) : written(into, entry, speaker)));
  }
}

/**
 * Only what is new or gone is touched: a reader's place, and the focus, stay.
 * @param {Element} into
 * @param {Element[]} items
 */
function fill(into, items) {
  if (items.length === into.children.length && items.every((item, index) => item === into.children[index])) {
    return;
  }
  items.forEach((item, index) => {
    if (into.children[index] !== item) {
      into.insertBefore(item, into.children[index] ?? null);
    }
  });
  while (into.children.length > items.length) {
    into.lastElementChild?.remove();
  }
}

/**
 * @param {Element} into
 * @param {LiveLine} line
 * @param {LiveSpeaker} speaker
 */
function written(into, line, speaker) {
  const known = into.querySelector(`:scope > [data-line^="${line.sequence} "]`);
  if (known) {
    put(known.querySelector("span"), line.text);
    return known;
  }
  const item = document.createElement("li");
  item.classList.toggle("loud", isLoud(line));
  item.dataset.about = line.about;
  item.dataset.line = packed(line);
  const text = document.createElement("span");
  text.textContent = line.text;
  item.append(moment(line.at, speaker), " ", text);
  return item;
}

/**
 * @param {Element} into
 * @param {LiveFold} entry
 * @param {LiveSpeaker} speaker
 */
function folded(into, entry, speaker) {
  const item = into.querySelector(`:scope > [data-round="${entry.round}"]`) ?? unfolded(entry, speaker);
  const head = item.querySelector("summary");
  const inside = item.querySelector("ol");
  put(head, summary(speaker.words, entry));
  if (inside) {
    fill(inside, entry.lines.map((line) => written(inside, line, speaker)));
  }
  return item;
}

/**
 * @param {LiveFold} entry
 * @param {LiveSpeaker} speaker
 */
function unfolded(entry, speaker) {
  const item = document.createElement("li");
  item.className = "fold";
  item.dataset.about = "messages";
  item.dataset.round = entry.round;
  const more = document.createElement("details");
  const inside = document.createElement("ol");
  inside.className = "lines";
  inside.reversed = true;
  more.append(document.createElement("summary"), inside);
  item.append(moment(entry.lines.at(-1)?.at ?? "", speaker), " ", more);
  return item;
}

/**
 * @param {string} at
 * @param {LiveSpeaker} speaker
 */
function moment(at, speaker) {
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = speaker.time(at);
  return time;
}
