// The sheets over the page open by their address (#seventeen, #more), so they work without scripts and the back button
// closes them. Scripts add: the 17 opens its sheet while it dials, Escape closes, the keyboard lands inside and goes
// back, the screen stays on, and what is said follows her. A telephone that calls may have no network: all of it is
// on the page before anybody touches the 17.

import { coordinates, distance as far } from "../pure/wording.js";
import { distance } from "../pure/distances.js";
import { at, put, write } from "./page.js";

const UNDER = "main > section:not(.sheet), .head, .skip";
const AGAIN = 10000; // milliseconds between two readings of the sheet
const BESIDE = 200;

/** @typedef {{ url: string, speaker: LiveSpeaker, called: () => void }} Surroundings */

/**
 * @param {Surroundings} around `called` when somebody taps 17, `url` of the sheet's own page
 * @returns {{ show: (state: LiveSnapshot) => void }} to be called whenever something may have changed
 */
export function sheets({ url, speaker, called }) {
  const awake = screenLock();
  /** @type {Element | null} */
  let opener = null;
  /** What the sheet was written for, and when it was last asked for. */
  let written = "";
  let askedAt = -Infinity;

  const sheet = () => {
    const id = window.location.hash.slice(1);
    return id === "seventeen" || id === "more" ? at(id) : null;
  };
  const open = (/** @type {string} */ id) => {
    if (window.location.hash !== `#${id}`) {
      window.location.hash = id;
    }
  };
  const close = () => {
    if (sheet()) {
      const top = window.scrollY;
      window.location.hash = "main";
      window.scrollTo({ top });
    }
  };

  /** What lies under an open sheet is out of reach of the keyboard and of screen readers. */
  const settle = () => {
    const shown = sheet();
    document.querySelectorAll(UNDER).forEach((part) => part.toggleAttribute("inert", shown !== null));
    document.body.classList.toggle("sheet-open", shown !== null);
    awake(shown?.id === "seventeen");
    if (shown) {
      shown.focus({ preventScroll: true });
    } else if (opener instanceof HTMLElement) {
      opener.focus({ preventScroll: true });
      opener = null;
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link) {
      return;
    }
    const href = link.getAttribute("href") ?? "";
    opener = sheet() ? opener : link;
    if ("close" in link.dataset) {
      event.preventDefault();
      close();
    } else if (href === "tel:17") {
      dial(event);
    }
  });

  /**
   * The 17 dials at once. Only who would be the second to call reads that first; the next tap dials.
   * @param {Event} event
   */
  function dial(event) {
    if (sheet()?.id !== "seventeen" && at("also")?.hidden === false) {
      event.preventDefault();
    } else {
      called();
    }
    open("seventeen");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
    }
  });
  window.addEventListener("hashchange", settle);
  settle();

  /**
   * Sentences with names of places are the server's: they are read again when the place changes.
   * @param {string} facts
   */
  async function reread(facts) {
    askedAt = performance.now();
    const answer = await fetch(url).catch(() => null);
    const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
    const said = page.getElementById("said-17");
    const text = page.getElementById("sms-114")?.getAttribute("data-text");
    if (said) {
      at("said-17")?.replaceWith(said);
      at("sms-114")?.setAttribute("data-text", text ?? "");
      written = facts;
    }
  }

  /** @param {string} facts */
  function keepWritten(facts) {
    written ||= facts; // the server wrote it for the state of the page
    if (facts !== written && performance.now() - askedAt > AGAIN) {
      reread(facts);
    }
  }

  return {
    show(state) {
      if (!state.alert.ended) {
        keepWritten(about(state));
      }
      write("sheet-fix", at("fix")?.textContent?.trim() ?? "");
      if (state.position) {
        follow(state.position, speaker.time(state.position.fixed_at));
      }
    },
  };

  /**
   * @param {LivePosition} position
   * @param {string} time
   */
  function follow(position, time) {
    const { accuracy } = position;
    const line = at("sheet-said");
    write("sheet-where", coordinates(position));
    message(position, time);
    const how = accuracy === null ? "" : (line?.dataset.how ?? "").replace("{distance}", far(speaker.words, accuracy));
    put(line, `${(line?.dataset.when ?? "").replace("{time}", time)}${how}`);
  }
}

/**
 * What the sentences of the sheet depend on, roughly enough to be read again seldom.
 * @param {LiveSnapshot} state
 */
function about({ position, responders, alert }) {
  const own = responders.find((person) => person.you)?.position;
  const near = position && own ? distance(position, own) <= BESIDE : false;
  const round = (/** @type {LivePlace | null | undefined} */ place) => place && [place.latitude.toFixed(2), place.longitude.toFixed(2)];
  return JSON.stringify([round(position), position?.where, position?.street, round(own), near, alert.kind, alert.state]);
}

/**
 * The message to 114 carries the newest place: the server wrote the rest of it, and how this telephone wants it.
 * @param {LivePosition} position
 * @param {string} time
 */
function message(position, time) {
  const place = [position.where?.fr, coordinates(position)].filter(Boolean).join(", ");
  const text = at("sms-114")?.getAttribute("data-text") ?? "";
  const body = encodeURIComponent(text.replace("{time}", time).replace("{place}", () => place));
  for (const link of document.querySelectorAll('a[href^="sms:114"]')) {
    link.setAttribute("href", (link.getAttribute("href") ?? "").replace(/body=.*$/, () => `body=${body}`));
  }
}

/**
 * Keeps the screen on; a telephone takes that back when the page is hidden, so it is asked again.
 * @returns {(wanted: boolean) => void}
 */
function screenLock() {
  let wanted = false;
  /** @type {WakeLockSentinel | null} */
  let held = null;
  const ask = async () => {
    if (wanted && "wakeLock" in navigator && document.visibilityState === "visible" && (!held || held.released)) {
      held = await navigator.wakeLock.request("screen").catch(() => null); // refused while saving power
      if (!wanted) {
        await held?.release();
      }
    }
  };
  document.addEventListener("visibilitychange", ask);
  return (asked) => {
    wanted = asked;
    if (wanted) {
      ask();
    } else {
      held?.release();
      held = null;
    }
  };
}
