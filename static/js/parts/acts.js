// Taps become acts: sent at once, sent again with the same id until the service answers. The forms work without this.

import { say } from "../pure/wording.js";
import { queue } from "./queue.js";

/** @typedef {{ words: Record<string, string>, now: () => number, url: string, done: () => void }} Surroundings */

/**
 * On the page and in the sheet: what lies under an open sheet is neither seen nor heard.
 * @param {string} text
 */
function tell(text) {
  document.querySelectorAll(".answer").forEach((line) => { line.textContent = text; });
}

/**
 * What is not sent yet, as its buttons call it.
 * @param {LiveDeed[]} deeds
 */
function named(deeds) {
  return deeds.map(({ action }) => {
    const button = document.querySelector(`[data-role="${action}"]`) ?? document.querySelector(`button[value="${action}"]`);
    const label = /** @type {Element | undefined} */ (button?.cloneNode(true));
    label?.querySelectorAll("small, svg").forEach((part) => part.remove());
    return label?.textContent?.trim() || action;
  }).join(", ");
}

/** A random UUID also where crypto.randomUUID is missing (before iOS 15.4). */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * @param {Surroundings} around
 */
export function acts(around) {
  const { words } = around;
  let offered = false;

  const send = queue({
    url: around.url,
    answered: (_deed, accepted, body) => settle(accepted, body),
    waiting: (deeds, failed) => tell(failed ? say(words, "unsent", { what: named(deeds) }) : deeds.length ? say(words, "sending") : ""),
  });

  /**
   * @param {boolean} accepted
   * @param {{ error?: { code: string, message: string, fields?: Record<string, string> } }} body
   */
  function settle(accepted, body) {
    if (body.error?.code === "taken") {
      tell("");
      const question = say(words, "take_over", { name: body.error.fields?.in_charge ?? "" });
      ask(question, say(words, "take_over_yes"), () => act("take_charge", { over: true }));
    } else {
      tell(accepted ? say(words, "sent") : body.error?.message ?? say(words, "refused"));
    }
    around.done();
  }

  /**
   * @param {string} action
   * @param {Record<string, unknown>} [more]
   */
  function act(action, more = {}) {
    return send({ ...more, id: uuid(), at: new Date(around.now()).toISOString(), action });
  }

  /** Which button: SubmitEvent.submitter is missing before iOS 15.4. @type {HTMLButtonElement | null} */
  let pressed = null;
  document.addEventListener("click", ({ target }) => {
    pressed = target instanceof Element ? target.closest("button") : null;
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.act === undefined || !pressed) {
      return;
    }
    event.preventDefault();
    const { role } = pressed.dataset;
    const again = pressed.getAttribute("aria-pressed") === "true";
    const asked = Object.fromEntries(new FormData(form));
    act(again ? "stand_by" : role ?? pressed.value, asked); // a role is given back by a second tap
    if (role === "go" && !again) {
      offer();
    }
    form.reset();
  });

  /** Whoever goes there is asked once whether the others may see the way. */
  function offer() {
    const share = document.getElementById("share");
    if (share && !share.hidden && "geolocation" in navigator && !offered) {
      offered = true;
      ask(say(words, "share_too"), share.textContent ?? "", () => share.click());
    }
  }

  return { act };
}

/**
 * One question at a time, in its own place under the buttons.
 * @param {string} question
 * @param {string} yes
 * @param {() => void} agreed
 */
function ask(question, yes, agreed) {
  const box = document.getElementById("ask");
  const words = box?.querySelector("p");
  const button = box?.querySelector("button");
  if (!box || !words || !button) {
    return;
  }
  words.textContent = question;
  button.textContent = yes;
  box.hidden = false;
  box.onclick = (event) => {
    if (event.target instanceof HTMLButtonElement) {
      box.hidden = true;
      if (event.target.value === "yes") {
        agreed();
      }
    }
  };
  button.focus();
}
