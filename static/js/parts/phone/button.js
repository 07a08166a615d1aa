/**
 * A Bluetooth button (Web Bluetooth, community group report): chosen by her hand once, listened to while this page
 * lives, looked for again whenever it is lost. Touches no part of the page.
 */

import { BATTERY, BATTERY_LEVEL, BEEP_LEVEL, BEEPS, feel, KEYS, meaning, pause, PRESSES, resting } from "../../pure/button.js";

const PATIENCE_MS = 20_000;
const CHOICE = {
  filters: [{ services: [KEYS] }, { namePrefix: "iTAG" }, { namePrefix: "ITAG" }],
  optionalServices: [KEYS, BATTERY, ...BEEPS],
};

export class Button {
  #around;
  /** @type {RadioDevice | null} */
  #device = null;
  #hand = resting(false);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Counts what she did with it: what an older one began is void. */
  #turn = 0;
  #joined = false;
  /** Ends the present pause. */
  #wake = () => {};

  /** @type {ButtonState} */
  state = { standing: "none", name: "", battery: null, since: null, why: "" };

  /** @param {ButtonAround} around */
  constructor(around) {
    this.#around = around;
  }

  /** Her tap: the browser shows what is near, and she picks hers. */
  async choose() {
    const before = this.state.standing;
    this.#tell({ standing: "choosing", why: "" });
    try {
      await this.#adopt(await this.#around.bluetooth.requestDevice(CHOICE), false);
    } catch (error) {
      const why = error instanceof Error && error.name === "NotFoundError" ? "none_chosen" : "refused";
      const without = before === "again" ? "again" : "none";
      this.#tell({ standing: this.#device === null ? without : this.#stands(), why });
    }
  }

  /**
   * The button of an earlier page, without asking her, where the browser remembers what it was allowed.
   * @param {KeptButton} kept
   */
  async find(kept) {
    const known = await this.#around.bluetooth.getDevices?.().catch(() => []) ?? [];
    const device = known.find(({ id }) => id === kept.id);
    if (device) {
      await this.#adopt(device, kept.releases);
    } else {
      this.#tell({ standing: "again", name: kept.name });
    }
  }

  /** She uses it no more. */
  async forget() {
    const device = this.#device;
    this.#leave();
    this.#around.keep(null);
    this.#tell({ standing: "none", name: "", battery: null, since: null, why: "" });
    await device?.forget?.().catch(() => undefined); // the browser's own settings can do it, too
  }

  /** Look for it now: the page came back. */
  hurry() {
    this.#wake();
  }

  /** Presses of a gesture that is half made count no more. */
  drop() {
    clearTimeout(this.#timer);
    this.#hand = resting(this.#hand.releases);
  }

  /**
   * @param {RadioDevice} device
   * @param {boolean} releases
   */
  async #adopt(device, releases) {
    this.#leave();
    this.#device = device;
    this.#hand = resting(releases);
    device.addEventListener("gattserverdisconnected", this.#lost);
    device.addEventListener("advertisementreceived", this.#near);
    this.#keep();
    this.#tell({ name: device.name ?? "" });
    await this.#join();
  }

  #stands() {
    return this.#joined ? "in" : "lost";
  }

  #leave() {
    this.#turn += 1;
    this.#joined = false;
    this.#wake();
    clearTimeout(this.#timer);
    this.#device?.removeEventListener("gattserverdisconnected", this.#lost);
    this.#device?.removeEventListener("advertisementreceived", this.#near);
    this.#device?.gatt.disconnect();
    this.#device = null;
  }

  #near = () => this.#wake();

  #lost = () => {
    if (!this.#joined) {
      return; // we let go of half a connection ourselves
    }
    this.#joined = false;
    this.#tell({ standing: "lost", since: new Date().toISOString() });
    this.#join();
  };

  /** Until it is there or she wants another: soon at first, never given up. */
  async #join() {
    this.#turn += 1;
    const turn = this.#turn;
    const device = this.#device;
    this.#tell({ standing: this.state.standing === "lost" ? "lost" : "joining", why: "" });
    for (let tried = 0; device !== null && turn === this.#turn; tried += 1) {
      const error = await within(PATIENCE_MS, this.#open(device)).catch((reason) => reason);
      if (turn === this.#turn) {
        await (error ? this.#failed(device, { error, tried }) : this.#arrived());
      }
      if (!error) {
        return;
      }
    }
  }

  #arrived() {
    this.#joined = true;
    this.#tell({ standing: "in", since: null });
  }

  /**
   * @param {RadioDevice} device
   * @param {{error: unknown, tried: number}} how
   */
  async #failed(device, { error, tried }) {
    device.gatt.disconnect(); // half a connection would keep it from advertising
    if (this.state.standing === "joining" && error instanceof Error && error.name === "NotFoundError") {
      this.#leave();
      this.#around.keep(null);
      this.#tell({ standing: "none", name: "", why: "unfit" });
      return;
    }
    this.#tell({ standing: "lost", since: this.state.since ?? new Date().toISOString() });
    device.watchAdvertisements?.().catch(() => undefined); // where the browser can, it says when the button is near
    await this.#rest(pause(tried));
  }

  /**
   * Presses first; what else it can do may fail.
   * @param {RadioDevice} device
   */
  async #open(device) {
    const server = await device.gatt.connect();
    const keys = await (await server.getPrimaryService(KEYS)).getCharacteristic(PRESSES);
    keys.addEventListener("characteristicvaluechanged", this.#heard);
    await keys.startNotifications();
    this.#furnish(server);
  }

  /** @param {RadioServer} server */
  async #furnish(server) {
    for (const service of BEEPS) {
      await silence(server, service).catch(() => undefined); // most have one of the two
    }
    await this.#weigh(server).catch(() => undefined); // a button without a battery service is a button
  }

  /** @param {RadioServer} server */
  async #weigh(server) {
    const level = await (await server.getPrimaryService(BATTERY)).getCharacteristic(BATTERY_LEVEL);
    this.#charged(await level.readValue());
    level.addEventListener("characteristicvaluechanged", this.#weighed);
    await level.startNotifications();
  }

  /** @param {DataView} value */
  #charged(value) {
    const percent = value.byteLength > 0 ? value.getUint8(0) : null;
    this.#tell({ battery: percent !== null && percent <= 100 ? percent : null });
  }

  #weighed = (/** @type {Event} */ event) => {
    const { value } = /** @type {RadioCharacteristic} */ (event.target);
    if (value) {
      this.#charged(value);
    }
  };

  #heard = (/** @type {Event} */ event) => {
    const kind = meaning(/** @type {RadioCharacteristic} */ (event.target).value);
    if (kind !== null) {
      this.#feed(kind);
    }
  };

  /** @param {"press" | "release" | "tick"} kind */
  #feed(kind) {
    const { releases } = this.#hand;
    const next = feel(this.#hand, kind, this.#around.now());
    this.#hand = next.hand;
    clearTimeout(this.#timer);
    if (next.wake !== null) {
      this.#timer = setTimeout(() => this.#feed("tick"), Math.max(0, next.wake - this.#around.now()) + 1);
    }
    if (next.hand.releases !== releases) {
      this.#keep();
    }
    next.gestures.forEach((gesture) => this.#around.made(gesture));
  }

  #keep() {
    if (this.#device !== null) {
      this.#around.keep({ id: this.#device.id, name: this.#device.name ?? "", releases: this.#hand.releases });
    }
  }

  /** @param {number} milliseconds */
  #rest(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }

  /** @param {Partial<ButtonState>} news */
  #tell(news) {
    this.state = { ...this.state, ...news };
    this.#around.changed();
  }
}

/**
 * A button that beeps when it loses the telephone betrays who wears it.
 * @param {RadioServer} server
 * @param {number} service
 */
async function silence(server, service) {
  const level = await (await server.getPrimaryService(service)).getCharacteristic(BEEP_LEVEL);
  await level.writeValueWithoutResponse(Uint8Array.of(0)).catch(() => level.writeValue(Uint8Array.of(0)));
}

/**
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function within(milliseconds, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("too late")), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
