/** Shows what `pure/phoneview.js` derived. Regions keep their place in all states. */

import { part, say, sayAll, sayPeople } from "./dom.js";

/** @param {PhoneView} view */
export function show(view) {
  part("pairing", HTMLElement).hidden = view.screen !== "unpaired";
  part("paired", HTMLElement).hidden = view.screen !== "surface";
  part("below", HTMLElement).hidden = view.screen !== "surface";
  say(part("word", HTMLElement), view.word);
  say(part("line", HTMLElement), view.line);
  sayAll(part("notices", HTMLElement), view.notices);
  sayPeople(part("contacts", HTMLElement), view.contacts);
  part("ways", HTMLElement).hidden = !view.ways;
  part("revoked", HTMLElement).hidden = !view.revoked;
  part("allow", HTMLElement).hidden = !view.allow;
  part("follow", HTMLElement).hidden = !view.follow;
  part("told", HTMLElement).hidden = !view.alert;
  part("end", HTMLElement).hidden = !view.alert;
  part("locked", HTMLElement).hidden = !view.alert;
  part("stale", HTMLElement).hidden = view.ask === null;
  if (!view.alert) {
    part("closing", HTMLDialogElement).close();
  }
}

/** @param {string} sentence */
export function ask(sentence) {
  say(part("stale-question", HTMLElement), sentence);
}

/**
 * The background clients that go on where a page stops, as links that set them up.
 * @param {Record<string, unknown>} settings
 */
export function offerClients(settings) {
  for (const [id, key] of [["owntracks", "owntracks_link"], ["traccar", "traccar_link"]]) {
    const link = part(id ?? "", HTMLAnchorElement);
    const address = settings[key ?? ""];
    const usable = typeof address === "string" && /^(owntracks|https?):/.test(address);
    link.hidden = !usable;
    if (usable) {
      link.href = address;
    }
  }
}
