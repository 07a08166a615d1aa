/** Brings together what the parts of the page know: everything shown follows from it. */

import { isCalm, view } from "../../pure/phoneview.js";
import { asShown } from "../../pure/removing.js";
import { hearingNotice } from "../../pure/soundview.js";
import { standingOf } from "../../pure/standing.js";
import { stayAwake } from "./awake.js";
import { hearing } from "./hearing.js";
import { permission } from "./permission.js";
import { show } from "./screen.js";
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

/**
 * Where she is, and a lit screen, for an alert that a gesture of hers here stands behind, or will.
 * @param {PhoneState} state
 * @param {Pick<import("./companion.js").Companion, "tracker" | "chosen">} parts
 */
export function accompany(state, { tracker, chosen }) {
  const awaited = state.pending.some((click) => !click.stale);
  if (state.followed && (state.alert !== null || awaited)) {
    tracker.start(chosen.interval);
  } else {
    tracker.stop();
  }
  stayAwake(state.alert !== null || awaited);
}

/** @param {import("./companion.js").Companion} companion what her eyes see, and what the service is told of this telephone */
export function appear(companion) {
  const { state, words, language, chosen } = companion;
  const shown = view({ ...state, alert: asShown(state.alert, state.removed) }, words, language);
  const deaf = chosen.recording && state.alert === null ? hearingNotice(hearing(), words) : [];
  show({ ...shown, notices: [...shown.notices, ...deaf] });
  companion.voice.offer(shown.voice);
  companion.recorder.follow(state, chosen.recording);
  if (state.paired && state.pending.length === 0) { // never beside a click that waits for the network
    companion.standing.offer(standingOf(state, companion.battery()));
  }
}
