/** The form that pairs this telephone by a code, and what undoes it. */

import { part, say } from "./dom.js";

/**
 * @param {PhoneApi} api
 * @param {Words} words
 * @param {(token: string) => Promise<void>} paired
 */
export function listenForCode(api, words, paired) {
  const form = part("code-form", HTMLFormElement);
  const field = part("code", HTMLInputElement);
  const trouble = part("code-error", HTMLElement);
  const button = part("code-send", HTMLButtonElement);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const answer = await api.call("POST", "/pair", { code: field.value.replace(/[\s-]/g, "").toUpperCase() });
    button.disabled = false;
    const token = answer.body["token"];
    if (answer.status === 201 && typeof token === "string") {
      field.value = "";
      say(trouble, "");
      await paired(token);
      return;
    }
    say(trouble, words[reason(answer)] ?? "");
    field.focus();
  });
}

/** @param {Answer} answer */
function reason(answer) {
  if (answer.status === 429) {
    return "code_too_often";
  }
  return answer.status >= 400 && answer.status < 500 ? "code_wrong" : "code_no_network";
}

/**
 * Two presses, never one.
 * @param {() => Promise<boolean>} unpair whether the service agreed
 * @param {Words} words
 */
export function listenForUnpairing(unpair, words) {
  const sure = part("unpair-sure", HTMLElement);
  const trouble = part("unpair-error", HTMLElement);
  part("unpair", HTMLButtonElement).addEventListener("click", () => {
    sure.hidden = false;
    part("unpair-no", HTMLButtonElement).focus();
  });
  part("unpair-no", HTMLButtonElement).addEventListener("click", () => {
    sure.hidden = true;
    part("unpair", HTMLButtonElement).focus();
  });
  part("unpair-yes", HTMLButtonElement).addEventListener("click", async () => {
    const agreed = await unpair();
    sure.hidden = agreed;
    say(trouble, agreed ? "" : words["unpair_failed"] ?? "");
  });
}
