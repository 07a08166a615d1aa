/** Whether this page may hear. Asked calmly in her settings, never by the press itself: a question would stand in her way. */

/** @type {Hearing} */
let known = "prompt";
/** @type {Promise<unknown>} */
let asked = Promise.resolve();
let tell = () => {};

export function hearing() {
  return known;
}

/** Once the browser has said what it knows; at once where it never does. */
export function hearingKnown() {
  return asked;
}

/** The browser let us hear a moment ago: some never say so by themselves. */
export function heardNow() {
  if (known !== "granted") {
    known = "granted";
    tell();
  }
}

/** @param {() => void} changed */
export function listenForHearing(changed) {
  tell = changed;
  if (!navigator.mediaDevices || !("MediaRecorder" in globalThis)) {
    known = "unable";
  } else if (navigator.permissions) {
    asked = follow().catch(() => undefined); // a browser that has no such permission: as if never asked
  }
}

async function follow() {
  const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") });
  const read = () => {
    known = status.state;
    tell();
  };
  status.addEventListener("change", read);
  read();
}
