/** Brings together what the parts of the page know: everything shown follows from it. */

import { isCalm } from "../../pure/phoneview.js";
import { permission } from "./permission.js";
import { stuck } from "./surface.js";

/**
 * @param {PhoneState} state
 * @param {PhoneParts} parts
 */
export function gather(state, { outbox, tracker, chosen, siren, rehearsal }) {
  const late = outbox.late();
  if (late && !state.late) {
    stuck();
  }
  state.late = late;
  state.pending = outbox.pending();
  state.fixes = tracker.waiting();
  state.position = permission();
  state.sounding = siren.sounding();
  state.text = chosen.text(state.pending.at(-1), tracker.last());
  if (!isCalm(state)) {
    rehearsal.forget(); // whoever alerts for real, here or elsewhere, ends it
  }
  state.rehearsal = rehearsal.state;
}
