// A responder shows where she or he is: by a tap, until another tap, never by itself.

import { distance } from "../pure/distances.js";
import { say } from "../pure/wording.js";

const PAUSE = 10000;
const FAR_ENOUGH = 10;
const STILL_HERE = 120000;

/**
 * @param {Record<string, string>} words
 */
export function sharing(words) {
  const button = document.getElementById("share");
  const stop = document.getElementById("unshare");
  if (!(button instanceof HTMLButtonElement) || !(stop instanceof HTMLFormElement)) {
    return;
  }
  const url = button.dataset.url ?? "";
  /** @type {number | null} */
  let watch = null;
  /** @type {{ latitude: number, longitude: number, accuracy: number } | null} */
  let told = null;
  let toldAt = 0;

  const show = (/** @type {boolean} */ on, /** @type {string} */ key) => {
    button.hidden = on;
    stop.hidden = !on;
    const line = document.getElementById("share-state");
    if (line) {
      line.textContent = say(words, key);
    }
  };
  const send = (/** @type {GeolocationPosition} */ { coords }) => {
    const place = { latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy };
    if (!told || (Date.now() - toldAt >= PAUSE && distance(told, place) >= FAR_ENOUGH)) {
      tell(place);
    }
  };
  const tell = async (/** @type {{ latitude: number, longitude: number, accuracy: number }} */ place) => {
    told = place;
    toldAt = Date.now();
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(place),
      });
      if (answer.ok && watch !== null) {
        show(true, "sharing");
      }
    } catch {
      told = null; // the next fix is sent
    }
  };
  const end = (/** @type {string} */ key) => {
    if (watch !== null) {
      navigator.geolocation.clearWatch(watch);
    }
    watch = null;
    told = null;
    show(false, key);
  };

  // Whoever stands still is still there; a telephone that sleeps says nothing, and the others read how old it is.
  setInterval(() => told && watch !== null && document.visibilityState === "visible" && tell(told), STILL_HERE);

  const start = () => {
    const options = { enableHighAccuracy: true, maximumAge: PAUSE };
    watch = navigator.geolocation.watchPosition(send, () => end("location_refused"), options);
  };
  const erase = async () => {
    try {
      await fetch(url, { method: "DELETE", keepalive: true });
    } catch {
      show(false, "not_erased");
      setTimeout(() => watch === null && erase(), PAUSE / 2);
      return;
    }
    show(false, "not_sharing");
  };

  button.addEventListener("click", () => {
    show(false, "locating");
    start();
  });
  stop.addEventListener("submit", (event) => {
    event.preventDefault();
    end("not_sharing");
    erase();
  });
  if (!stop.hidden) {
    start(); // the page was loaded again while it was shown
  }
}
