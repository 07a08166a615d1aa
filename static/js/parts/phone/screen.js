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
  part("way-text", HTMLAnchorElement).hidden = view.text === "";
  if (view.text !== "") {
    part("way-text", HTMLAnchorElement).href = view.text;
  }
  part("surface", HTMLElement).classList.toggle("rehearsal", view.rehearsal);
  part("rehearse-end", HTMLElement).hidden = !view.rehearsal;
  part("rehearse", HTMLButtonElement).disabled = !view.mayRehearse;
  part("unpair", HTMLButtonElement).disabled = view.end;
  part("revoked", HTMLElement).hidden = !view.revoked;
  part("allow", HTMLElement).hidden = !view.allow;
  part("follow", HTMLElement).hidden = !view.follow;
  part("told", HTMLElement).hidden = !view.alert;
  part("remove", HTMLElement).hidden = !view.remove;
  part("end", HTMLElement).hidden = !view.end;
  part("locked", HTMLElement).hidden = !view.alert;
  part("stale", HTMLElement).hidden = view.ask === "";
  say(part("stale-question", HTMLElement), view.ask);
  if (!view.end) {
    part("closing", HTMLDialogElement).close();
  }
  if (!view.alert) {
    part("removing", HTMLDialogElement).close();
  }
}

/**
 * The background clients that go on where a page stops, as links that set them up.
 * @param {Record<string, unknown>} settings
 */
export function offerClients(settings) {
  for (const [id, key] of [["owntracks", "owntracks_link"], ["traccar", "traccar_link"]]) {
    const link = part(id ?? "", HTMLAnchorElement);
    const address = settings[key ?? ""];
    if (address === undefined) {
      continue; // no answer this time: what was offered stays
    }
    const usable = typeof address === "string" && /^(owntracks|org\.traccar\.client):/.test(address);
    link.hidden = !usable;
    if (usable) {
      link.href = address;
    }
  }
}
