/** Ends the alert with the PIN. The code is never kept; nothing here knows which of her codes it was. */

import { said } from "../../pure/phoneview.js";
import { part, say } from "./dom.js";

/** The surface stays deaf for a moment: a second tap on "Valider" must not fall through on a gesture. */
const DEAF_MS = 700;

export function spareTheSurface() {
  const surface = part("paired", HTMLElement);
  surface.inert = true;
  setTimeout(() => {
    surface.inert = false;
  }, DEAF_MS);
}

/** @param {Answer} answer */
function reason(answer) {
  if (answer.status === 403) {
    return "pin_wrong";
  }
  if (answer.status === 429) {
    return "pin_too_often";
  }
  return answer.status === 409 ? "pin_other" : "pin_not_sent";
}

/**
 * A second tap of a hand that shakes is no wrong code: the service counts those.
 * @param {HTMLInputElement} pin
 */
export function isEmpty(pin) {
  pin.focus();
  return pin.value.trim() === "";
}

/** @param {Answer} answer whether it says that this page knows too little: another alert, or no credential any more */
export function isNews({ status }) {
  return status === 409 || status === 401;
}

/**
 * @param {PhoneApi} api
 * @param {Words} words
 * @param {() => PhoneAlert | null} alert
 * @param {{closed: (alert: PhoneAlert) => void, other: () => void}} then
 */
export function listenForClosing(api, words, alert, then) {
  const dialog = part("closing", HTMLDialogElement);
  const form = part("closing-form", HTMLFormElement);
  const pin = part("pin", HTMLInputElement);
  const trouble = part("closing-error", HTMLElement);
  const send = part("closing-send", HTMLButtonElement);

  /** Counts how often she began: an answer to an earlier time wipes nothing that she types now. */
  let turn = 0;

  part("end", HTMLButtonElement).addEventListener("click", () => {
    turn += 1;
    send.disabled = false;
    say(trouble, "");
    dialog.showModal();
    pin.focus();
  });
  part("closing-back", HTMLButtonElement).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    form.reset();
    spareTheSurface();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isEmpty(pin)) {
      return;
    }
    const ending = alert();
    if (ending === null) {
      say(trouble, said(words["pin_not_yet"], {})); // a siren, and a click that has not left: nobody here knows her code
      return;
    }
    const asked = turn;
    send.disabled = true;
    say(trouble, said(words["pin_sending"], {}));
    const answer = await api.call("POST", "/alert/close", {
      alert: ending.id, pin: pin.value, reason: new FormData(form).get("reason"),
    });
    if (answer.status === 200 && answer.body["state"] === "closed") {
      dialog.close();
      then.closed(ending);
    } else if (asked === turn) {
      refuse(answer);
    }
    if (isNews(answer)) {
      then.other();
    }
  });

  /** @param {Answer} answer */
  function refuse(answer) {
    send.disabled = false;
    pin.value = "";
    say(trouble, words[reason(answer)] ?? "");
    pin.focus();
  }
}
