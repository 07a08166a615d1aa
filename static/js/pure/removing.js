/** Whom she took out of her alert, as this telephone shows it: the same whichever of her codes she gave. */

/**
 * Her alert without what still comes from those whom she took out: the service goes on telling of somebody whom it only
 * seemed to take out, because she was forced.
 * @param {PhoneAlert | null} alert
 * @param {number[]} removed
 * @returns {PhoneAlert | null}
 */
export function asShown(alert, removed) {
  if (alert === null || removed.length === 0) {
    return alert;
  }
  const gone = alert.contacts.filter(({ id }) => removed.includes(id));
  return {
    ...alert,
    in_charge: gone.some((contact) => contact.in_charge) ? null : alert.in_charge,
    contacts: alert.contacts.map((contact) => (gone.includes(contact) ? {
      id: contact.id, name: contact.name, deliveries: [], opened: false, in_charge: false, declined: false, stopped: false,
      removed: true,
    } : contact)),
  };
}

/**
 * Who can still be taken out.
 * @param {PhoneAlert | null} alert
 * @param {number[]} removed
 */
export function removable(alert, removed) {
  return alert === null ? [] : alert.contacts.filter(({ id }) => !removed.includes(id));
}

/**
 * What an answer to POST /alert/cut-off means, as a word of the page. Only the service's own "cut_off" is "done".
 * @param {Answer} answer
 * @returns {"done" | "pin_wrong" | "pin_too_often" | "pin_other" | "remove_not_done"}
 */
export function outcome({ status, code, body }) {
  if (status === 200 && body["state"] === "cut_off") {
    return "done";
  }
  if (code === "wrong_pin") {
    return "pin_wrong";
  }
  if (code === "too_many_tries") {
    return "pin_too_often";
  }
  return code === "other_alert" ? "pin_other" : "remove_not_done";
}
