/**
 * Takes somebody out of her alert: whom, then her code. Says that it is done only once the service has said so; nothing
 * here waits to be sent later, because she acts on what she reads now.
 */

import { said } from "../../pure/phoneview.js";
import { outcome } from "../../pure/removing.js";
import { isEmpty, isNews, spareTheSurface } from "./closing.js";
import { part, say } from "./dom.js";

const STEPS = ["removing-who", "removing-form", "removing-done"];

/** @param {string} step the only part of the dialog that is shown */
function showStep(step) {
  for (const id of STEPS) {
    part(id, HTMLElement).hidden = id !== step;
  }
}

/**
 * @param {PhoneApi} api
 * @param {Words} words
 * @param {() => {alert: PhoneAlert | null, contacts: ToldContact[]}} known her alert, and who can still be taken out
 * @param {{removed: (alert: PhoneAlert, contact: ToldContact) => void, other: () => void}} then
 */
export function listenForRemoval(api, words, known, then) {
  const dialog = part("removing", HTMLDialogElement);
  const pin = part("removing-pin", HTMLInputElement);
  const trouble = part("removing-error", HTMLElement);
  const send = part("removing-send", HTMLButtonElement);
  /** @type {ToldContact | null} */
  let chosen = null;
  /** Counts her steps: an answer to an older one is shown no more. */
  let turn = 0;

  /** @param {ToldContact} contact */
  function choose(contact) {
    turn += 1;
    chosen = contact;
    send.disabled = false;
    say(part("removing-name", HTMLElement), said(words["remove_whom"], { name: contact.name }));
    say(trouble, "");
    showStep("removing-form");
    pin.focus();
  }

  function begin() {
    turn += 1;
    chosen = null;
    pin.value = "";
    part("removing-names", HTMLElement).replaceChildren(...known().contacts.map((contact) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = contact.name;
      button.addEventListener("click", () => choose(contact));
      return button;
    }));
    showStep("removing-who");
  }

  part("remove", HTMLButtonElement).addEventListener("click", () => {
    begin();
    dialog.showModal();
  });
  part("removing-back", HTMLButtonElement).addEventListener("click", begin);
  for (const id of ["removing-leave", "removing-close"]) {
    part(id, HTMLButtonElement).addEventListener("click", () => dialog.close());
  }
  dialog.addEventListener("close", () => {
    turn += 1;
    pin.value = "";
    spareTheSurface();
  });

  part("removing-form", HTMLFormElement).addEventListener("submit", async (event) => {
    event.preventDefault();
    const { alert } = known();
    if (alert === null || chosen === null || isEmpty(pin)) {
      return;
    }
    const contact = chosen;
    const asked = turn;
    send.disabled = true;
    say(trouble, words["pin_sending"] ?? "");
    const answer = await api.call("POST", "/alert/cut-off", { alert: alert.id, contact: contact.id, pin: pin.value });
    const meaning = outcome(answer);
    if (meaning === "done") {
      then.removed(alert, contact);
    }
    if (isNews(answer)) {
      then.other();
    }
    if (asked === turn) {
      tell(meaning);
    }
  });

  /** @param {ReturnType<typeof outcome>} meaning */
  function tell(meaning) {
    send.disabled = false;
    pin.value = "";
    if (meaning === "done") {
      showStep("removing-done");
      part("removing-close", HTMLButtonElement).focus();
      return;
    }
    say(trouble, said(words[meaning], { name: chosen?.name ?? "" }));
    pin.focus();
  }
}
