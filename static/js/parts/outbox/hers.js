/** Her telephone: three gestures, a walk, a network that can be cut, and the end with a PIN. */

import { Line } from "./line.js";
import { Stroll } from "./stroll.js";

const LOOK_MILLISECONDS = 1000;
const FLUSH_MILLISECONDS = 1000;

/**
 * @param {string} id
 * @returns {any}
 */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`no ${id}`);
  }
  return found;
}

/** @param {Stroll["here"]} place */
function fixOf(place) {
  const { latitude, longitude, accuracy, speed, heading, battery } = place;
  return {
    id: crypto.randomUUID(),
    latitude,
    longitude,
    accuracy,
    speed,
    heading,
    altitude: null,
    battery,
    recorded_at: new Date().toISOString(),
  };
}

/**
 * @param {any} alert
 * @param {Record<string, string>} words
 */
function stateOf(alert, words) {
  if (!alert) {
    return words["idle"] ?? "";
  }
  const since = new Date(alert.opened_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const opened = alert.contacts.filter((/** @type {any} */ contact) => contact.opened).length;
  const charge = alert.in_charge ? `${words["inCharge"]} ${alert.in_charge}.` : words["nobody"];
  const kind = words[alert.kind] ?? alert.kind;
  return `${kind}, ${words["openSince"]} ${since}. ${charge} ${words["opened"]} ${opened}/${alert.contacts.length}.`;
}

/**
 * @param {Line} line
 * @param {Record<string, string>} words
 */
function showLine(line, words) {
  const state = part("hers-state");
  const said = stateOf(line.alert, words);
  if (state.textContent !== said) {
    state.textContent = said;
  }
  state.dataset.kind = line.alert?.kind ?? "";
  showNetwork(line, words);
}

/**
 * @param {Line} line
 * @param {Record<string, string>} words
 */
function showNetwork(line, words) {
  const network = part("hers-network");
  const kept = line.waiting > 1 ? ` - ${words["waiting"]} ${line.waiting}` : "";
  network.textContent = (line.online ? network.dataset.online : network.dataset.offline) + kept;
  part("network").setAttribute("data-on", line.online ? "no" : "yes");
  part("network").textContent = words[line.online ? "online" : "offline"] ?? "";
  part("hers").classList.toggle("cut", !line.online);
}

/**
 * @param {Stroll} stroll
 * @param {Record<string, string>} words
 */
function showWalk(stroll, words) {
  const { here } = stroll;
  const seconds = Math.round(here.t);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  part("walked").hidden = false;
  part("walked-bar").value = stroll.progress;
  part("walked-text").textContent = `${words["walking"]} ${clock} - ${here.latitude.toFixed(4)}, ${here.longitude.toFixed(4)}`;
}

/**
 * @param {Record<string, string>} words
 * @param {string} token
 */
export function herTelephone(words, token) {
  const box = part("hers");
  const line = new Line(box.dataset.api, token, {
    words,
    changed: () => showLine(line, words),
    say: (text) => {
      part("heard").textContent = text;
    },
  });
  const start = { latitude: Number(box.dataset.latitude), longitude: Number(box.dataset.longitude) };
  const stroll = new Stroll(start, {
    pace: () => Number(part("pace").value),
    moved: (fix) => {
      showWalk(stroll, words);
      line.move(fixOf(fix));
    },
    stopped: (finished) => {
      part("walk").setAttribute("data-on", "no");
      part("walk").textContent = words["walk"] ?? "";
      if (finished) {
        part("walked-text").textContent = words["walked"] ?? "";
      }
    },
  });
  for (const button of box.querySelectorAll("[data-gesture]")) {
    button.addEventListener("click", () => line.click(button.dataset.gesture, fixOf(stroll.here)));
  }
  part("walk").addEventListener("click", () => {
    part("walk").setAttribute("data-on", "yes");
    part("walk").textContent = words["stop"] ?? "";
    stroll.toggle();
  });
  part("network").addEventListener("click", () => line.connect(!line.online));
  part("close").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const { pin, reason } = part("close").elements;
    if (await line.close(pin.value, reason.value)) {
      part("close").reset();
    }
  });
  showLine(line, words);
  line.look();
  setInterval(() => line.look(), LOOK_MILLISECONDS);
  setInterval(() => line.flush(), FLUSH_MILLISECONDS);
}
