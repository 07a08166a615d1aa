/** A page that keeps what it is told and looks like nothing: the parts of the companion need one to stand on. */

class Part extends EventTarget {
  textContent = "";
  hidden = false;
  disabled = false;
  href = "";
  value = "";
  /** @type {unknown[]} */
  children = [];
  classList = { toggle() {}, remove() {} };
  /** @type {Record<string, string>} */
  dataset = {};

  close() {
    this.gets("close");
  }

  append() {}

  /** @param {...unknown} children */
  replaceChildren(...children) {
    this.children = children;
  }

  focus() {}

  reset() {}

  showModal() {}

  setPointerCapture() {}

  /** @param {string} kind her hand, or the keyboard's key */
  gets(kind) {
    this.dispatchEvent(new Event(kind));
  }
}

const parts = new Map();

export const page = Object.assign(new EventTarget(), {
  visibilityState: "visible",
  /** @param {string} id */
  getElementById(id) {
    parts.set(id, parts.get(id) ?? new Part());
    return parts.get(id);
  },
  createElement: () => new Part(),
});

/** Where she is asked, and what she is told, as the parts find it in a browser. */
export const browser = {
  watches: 0,
  /** @type {any[]} */
  locks: [],
  geolocation: {
    watchPosition: () => {
      browser.watches += 1;
      return browser.watches;
    },
    clearWatch: () => undefined,
    getCurrentPosition: () => undefined,
  },
  wakeLock: {
    /** @returns {Promise<any>} */
    request: () => new Promise((resolve) => {
      browser.locks.push(resolve);
    }),
  },
};

put("FormData", class {
  get() {
    return "safe";
  }
});

/** @param {string} name @param {unknown} value */
function put(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

put("document", page);
put("navigator", browser);
for (const kind of ["", "Anchor", "Button", "Details", "Dialog", "Form", "Input"]) {
  put(`HTML${kind}Element`, Part);
}

/** What is promised already, happens. */
export async function settle() {
  for (let turn = 0; turn < 50; turn += 1) {
    await null;
  }
}
