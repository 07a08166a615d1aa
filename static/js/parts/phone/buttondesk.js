/** The part of the settings that joins a Bluetooth button, where the browser has Web Bluetooth. */

import { clock, said } from "../../pure/phoneview.js";
import { Button } from "./button.js";
import { part, say } from "./dom.js";

/**
 * What is said of the button, in one line.
 * @param {ButtonState} state
 * @param {Words} words
 * @param {string} language
 */
function line(state, words, language) {
  const parts = [said(words[`button_${state.why || state.standing}`], {
    time: state.since === null ? "" : clock(state.since, language),
  })];
  if (state.standing === "in" && state.battery !== null) {
    parts.push(said(words["button_battery"], { percent: state.battery }));
  }
  return parts.join(" ");
}

/**
 * @param {PhoneStore} store
 * @param {Words} words
 * @param {{made: (gesture: Gesture) => void, changed: (state: ButtonState) => void, forgetful: () => void}} then
 * @returns {{hurry(): void, drop(): void, forget(): Promise<void>, resume(paired: boolean): Promise<void>} | null} nothing where the browser knows no Bluetooth
 */
export function listenForButton(store, words, then) {
  const radio = navigator.bluetooth;
  part("button-absent", HTMLElement).hidden = radio !== undefined;
  part("button", HTMLElement).hidden = radio === undefined;
  if (!radio) {
    return null;
  }
  const choose = part("button-choose", HTMLButtonElement);
  const leave = part("button-leave", HTMLButtonElement);
  const show = () => {
    const { standing } = button.state;
    say(part("button-line", HTMLElement), line(button.state, words, document.documentElement.lang));
    choose.disabled = standing === "choosing";
    say(choose, words[standing === "none" || standing === "choosing" ? "button_choose" : "button_choose_again"] ?? "");
    leave.hidden = standing === "none" || standing === "choosing";
    then.changed(button.state);
  };
  const button = new Button({
    bluetooth: radio,
    now: () => performance.now(),
    made: then.made,
    changed: show,
    keep: (kept) => store.keep("button", kept).catch(then.forgetful),
  });
  choose.addEventListener("click", () => button.choose());
  leave.addEventListener("click", () => button.forget());
  return {
    hurry: () => button.hurry(),
    drop: () => button.drop(),
    forget: () => button.forget(),
    resume: async (paired) => {
      const kept = /** @type {KeptButton | null} */ (await store.kept("button"));
      if (kept === null || !paired) {
        show(); // only now is it known that there is none
      } else {
        await button.find(kept);
      }
    },
  };
}
