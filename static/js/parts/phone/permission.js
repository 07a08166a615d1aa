/** Whether this page may know where she is. Asked calmly when she pairs, so that no question stands in her way later. */

import { part } from "./dom.js";

/** @type {PhoneState["position"]} */
let known = "geolocation" in navigator ? "prompt" : "absent";

export function permission() {
  return known;
}

/**
 * @param {() => void} glance asks for one fix, and by that for the permission
 * @param {() => void} changed
 * @returns {Promise<boolean>} whether it is known by now: a browser without permissions never says
 */
export async function listenForPermission(glance, changed) {
  part("allow", HTMLButtonElement).addEventListener("click", glance);
  if (known === "absent" || !navigator.permissions) {
    return known === "absent";
  }
  const status = await navigator.permissions.query({ name: "geolocation" });
  const read = () => {
    const before = known;
    known = status.state;
    if (known === "granted" && before !== "granted") {
      glance();
    }
    changed();
  };
  status.addEventListener("change", read);
  read();
  return true;
}
