/** What an earlier page left: who this telephone is, the alert, and what had not been sent. Never her microphone. */

/**
 * @param {import("./companion.js").Companion} companion
 */
export async function restore({ api, store, state, chosen, tracker, outbox, recorder }) {
  const phone = /** @type {{token: string | null} | null} */ (await store.kept("phone"));
  const left = /** @type {KeptAlert | null} */ (await store.kept("alert"));
  if (phone !== null) {
    api.token = phone.token;
    state.paired = phone.token !== null;
    state.revoked = phone.token === null;
  }
  await chosen.load();
  await tracker.load();
  await outbox.load();
  state.followed = outbox.pending().some((click) => !click.stale);
  if (left !== null) {
    state.alert = left.alert;
    state.removed = left.removed ?? [];
    state.followed ||= left.followed;
  }
  if (state.paired) {
    recorder.restore(); // beside: nothing of an alert waits for it
  }
}
