// The live page: the server wrote the first view, this renews it from the stream and turns taps into acts.

import "../parts/exit.js";
import { acts } from "../parts/acts.js";
import { everySecond, pageHeardAt, serverClock } from "../parts/clock.js";
import { liveMap } from "../parts/map.js";
import { announce, render, renew } from "../parts/panel.js";
import { sharing } from "../parts/sharing.js";
import { sheets } from "../parts/sheets.js";
import { told } from "../parts/story.js";
import { connect } from "../parts/stream.js";
import { after } from "../pure/alert.js";
import { say } from "../pure/wording.js";

/** @param {string} id */
const given = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

/** @type {LiveSettings} */
const settings = given("settings");
/** @type {Record<string, string>} */
const words = given("words");
/** @type {LiveSnapshot} */
let state = given("snapshot");
state.timeline = told();

const clock = serverClock();
clock.set(state.server_now, pageHeardAt());
const hours = new Intl.DateTimeFormat(settings.language, { timeZone: settings.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
/** @type {LiveSpeaker} */
const speaker = { words, settings, now: clock.now, time: (moment) => hours.format(new Date(moment)) };

const here = window.location.pathname;
const layers = globalThis.liveMap;
/** @type {ReturnType<typeof liveMap> | null} */
let map = null;
/** How much the newest fix said when it was last looked at. @type {string} */
let fresh = "";
/** @type {ReturnType<typeof connect> | null} */
let stream = null;
/** The video room, once somebody joined. @type {{ hear: (state: LiveSnapshot) => void } | null} */
let room = null;

if (layers) {
  state.track = layers.track.getLatLngs().flat(2).slice(-layers.ages.length).map((place, index) => {
    const at = Date.parse(state.server_now) - (layers.ages[index] ?? 0) * 1000;
    return [place.lat, place.lng, new Date(at).toISOString()];
  });
}

/** @param {LiveSnapshot} next */
function take(next) {
  const before = state;
  state = next;
  room?.hear(state);
  render(state, speaker);
  announce(before, state, words);
  tick();
  if (state.alert.ended) {
    if (!before.alert.ended) {
      map?.end();
      map = null;
      reread(); // its lines say no place any more
    }
    return;
  }
  map?.show(state);
}

function tick() {
  const now = renew(state, speaker);
  sheet.show(state);
  map?.renew(state);
  if (now === "lost" && fresh !== "lost" && fresh !== "") {
    tell("said", say(words, "lost_now", { name: state.victim.name }));
  } else if (now === "live" && fresh === "lost") {
    tell("said", say(words, "found_again", { name: state.victim.name }));
  }
  fresh = now;
}

/**
 * @param {string} id
 * @param {string} text
 */
function tell(id, text) {
  const line = document.getElementById(id);
  if (line) {
    line.textContent = text;
  }
}

async function reread() {
  const asked = performance.now();
  const answer = await fetch(`${here}snapshot`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    hear(await answer.json(), asked);
  } else if (answer?.status === 404) {
    window.location.reload();
  }
}

/**
 * @param {LiveSnapshot} snapshot
 * @param {number} since
 */
function hear(snapshot, since) {
  if (snapshot.sequence >= state.sequence) {
    clock.set(snapshot.server_now, since);
    take(snapshot);
  }
}

document.documentElement.classList.add("scripted");
const { act } = acts({ words, now: clock.now, url: `${here}act`, done: () => { reread(); } });
const sheet = sheets({ url: `${here}seventeen`, speaker, called: () => { act("call_17"); } });
sharing(words);
document.getElementById("copy")?.addEventListener("click", () => {
  const place = document.getElementById("geo")?.textContent ?? "";
  const copied = navigator.clipboard ? navigator.clipboard.writeText(place) : Promise.reject(new Error("no clipboard"));
  copied.then(() => tell("answer", say(words, "copied")), () => tell("answer", say(words, "not_copied")));
});

/**
 * The room's code and its words come only now. Telephones let a page sound only what was begun by a tap, so the ears
 * are made in this very moment.
 * @param {HTMLButtonElement} join
 */
function enter(join) {
  const ears = Array.from({ length: 8 }, () => new Audio());
  ears.forEach((ear) => ear.play().catch(() => undefined));
  join.disabled = true;
  tell("room-who", say(words, "room_loading"));
  const code = import("../parts/room.js");
  const page = fetch(join.dataset.page ?? "").then((answer) => (answer.ok ? answer.text() : Promise.reject(answer)));
  Promise.all([code, page]).then(([{ openRoom }, markup]) => {
    room = openRoom({ markup, url: join.dataset.url ?? "", state, words, ears, left: () => { room = null; } });
  }).catch(() => tell("room-who", say(words, "room_not_loaded"))).finally(() => { join.disabled = false; });
}

const join = document.getElementById("room-join");
if (join instanceof HTMLButtonElement) {
  join.disabled = false;
  join.addEventListener("click", () => enter(join));
}

take(state);
if (layers) {
  window.setTimeout(() => { // a turn of its own: the 17 and the acts answer first
    if (!state.alert.ended) {
      map = liveMap(layers, speaker);
      map.show(state);
      map.renew(state);
    }
  });
}
everySecond(() => {
  tick();
  if (clock.jumped()) {
    stream?.slept();
  }
});
if (!state.alert.ended) {
  stream = connect({
    url: `${window.location.origin.replace(/^http/, "ws")}/ws${here}`,
    snapshotUrl: `${here}snapshot`,
    onSnapshot: hear,
    onEvent: (event) => take(after(state, event, settings.language)),
    onState: (how) => {
      tell("stream", say(words, `stream_${how}`));
      document.getElementById("stream")?.setAttribute("data-state", how);
    },
  });
}
