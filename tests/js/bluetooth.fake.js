// A double of Web Bluetooth with one iTAG in the air. No import, no export: a browser runs it before the page, node imports it.
// The tag's bytes are those of the device as people who took some apart wrote them down: 0xFFE1 notifies 01 for each press,
// 0x2A19 is one byte of percent, 0x2A06 takes an alert level, and a tag that loses the telephone beeps unless told not to.
// The refusals are the specification's: services not asked for, nobody's gesture, out of range, not there.

/** @param {number[]} bytes */
const view = (bytes) => new DataView(Uint8Array.from(bytes).buffer);

class FakeCharacteristic extends EventTarget {
  /**
   * @param {FakeTag} tag
   * @param {number} name
   */
  constructor(tag, name) {
    super();
    this.tag = tag;
    this.name = name;
    this.session = tag.session;
    this.listens = false;
    /** @type {DataView | null} */
    this.value = null;
  }

  #reach() {
    if (!this.tag.connected || this.session !== this.tag.session) {
      throw new DOMException("GATT Server is disconnected.", "NetworkError");
    }
  }

  async readValue() {
    await null;
    this.#reach();
    this.value = view([this.tag.battery]);
    return this.value;
  }

  async startNotifications() {
    await null;
    this.#reach();
    this.listens = true;
    this.tag.characteristics.push(this);
    return this;
  }

  /** @param {Uint8Array} bytes */
  async writeValue(bytes) {
    await null;
    this.#reach();
    this.tag.written.push([...bytes]);
    this.tag.beepLevel = bytes[0] ?? 0;
  }

  /** @param {Uint8Array} _bytes */
  async writeValueWithoutResponse(_bytes) {
    await null;
    throw new DOMException("GATT operation not permitted.", "NotSupportedError");
  }

  /** @param {number[]} bytes */
  notify(bytes) {
    if (this.listens && this.tag.connected && this.session === this.tag.session) {
      this.value = view(bytes);
      this.dispatchEvent(new Event("characteristicvaluechanged"));
    }
  }
}

class FakeTag extends EventTarget {
  constructor() {
    super();
    this.id = "aXRhZw==";
    this.name = "iTAG            ";
    this.near = true;
    this.connected = false;
    this.connects = 0;
    this.session = 0;
    this.battery = 0x53;
    this.beepLevel = 1;
    this.beeps = 0;
    /** @type {number[][]} */
    this.written = [];
    /** @type {FakeCharacteristic[]} */
    this.characteristics = [];
    /** @type {Map<number, number[]>} */
    this.services = new Map([[0x1802, [0x2a06]], [0x180f, [0x2a19]], [0xffe0, [0xffe1]]]);
    /** @type {Set<number>} */
    this.allowed = new Set();
    this.gatt = this;
  }

  async connect() {
    this.connects += 1;
    await null;
    if (!this.near) {
      throw new DOMException("Bluetooth Device is no longer in range.", "NetworkError");
    }
    this.connected = true;
    this.session += 1;
    return this;
  }

  disconnect() {
    if (this.connected) {
      this.connected = false;
      this.dispatchEvent(new Event("gattserverdisconnected"));
    }
  }

  /** @param {number} service */
  async getPrimaryService(service) {
    await null;
    if (!this.connected) {
      throw new DOMException("GATT Server is disconnected.", "NetworkError");
    }
    if (!this.allowed.has(service)) {
      throw new DOMException("Origin is not allowed to access the service.", "SecurityError");
    }
    const names = this.services.get(service);
    if (!names) {
      throw new DOMException("No Services matching UUID found in Device.", "NotFoundError");
    }
    return { getCharacteristic: (/** @type {number} */ name) => this.#characteristic(names, name) };
  }

  /**
   * @param {number[]} names
   * @param {number} name
   */
  async #characteristic(names, name) {
    await null;
    if (!names.includes(name)) {
      throw new DOMException("No Characteristics matching UUID found in Service.", "NotFoundError");
    }
    return new FakeCharacteristic(this, name);
  }

  /** Its radio says these bytes. @param {number[]} bytes */
  says(...bytes) {
    this.characteristics.filter(({ name }) => name === 0xffe1).forEach((one) => one.notify(bytes));
  }

  /** She presses it. */
  press() {
    this.says(0x01);
  }

  walksAway() {
    this.near = false;
    this.beeps += this.connected && this.beepLevel > 0 ? 1 : 0;
    this.disconnect();
  }

  comesBack() {
    this.near = true;
    this.dispatchEvent(new Event("advertisementreceived"));
  }
}

class FakeRadio {
  constructor() {
    this.tag = new FakeTag();
    this.remembers = true;
    this.chosen = true;
    this.on = true;
  }

  /** @param {{filters: {services?: number[], namePrefix?: string}[], optionalServices?: number[]}} wanted */
  async requestDevice({ filters, optionalServices = [] }) {
    if (globalThis.navigator?.userActivation?.isActive === false) {
      throw new DOMException("Must be handling a user gesture to show a permission request.", "SecurityError");
    }
    await null;
    if (!this.on) {
      throw new DOMException("Bluetooth adapter not available.", "InvalidStateError");
    }
    const { tag } = this;
    const seen = filters.some(({ services, namePrefix }) => services?.every((one) => tag.services.has(one))
      || (namePrefix !== undefined && tag.name.startsWith(namePrefix)));
    if (!seen || !this.chosen) {
      throw new DOMException("User cancelled the requestDevice() chooser.", "NotFoundError");
    }
    [...filters.flatMap(({ services = [] }) => services), ...optionalServices].forEach((one) => tag.allowed.add(one));
    return tag;
  }

  /** What it was allowed before; where the browser remembers. */
  async getDevices() {
    await null;
    [0xffe0, 0x180f, 0x1802].forEach((one) => this.tag.allowed.add(one));
    return this.remembers ? [this.tag] : [];
  }
}

/** @type {any} */ (globalThis).FakeRadio = FakeRadio;
