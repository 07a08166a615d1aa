/**
 * What must outlive a reload: the credential, the alert, clicks and fixes that wait. In IndexedDB, under a dull name.
 */

const NAME = "carnet";

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

/** @returns {Promise<IDBDatabase>} */
async function opened() {
  const request = indexedDB.open(NAME, 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore("kept");
    request.result.createObjectStore("clicks", { keyPath: "id" });
    request.result.createObjectStore("fixes", { keyPath: "id" });
  });
  return await answered(request);
}

export class Store {
  #database;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
  }

  static async open() {
    return new Store(await opened());
  }

  /**
   * One transaction, finished when the telephone has really written it.
   * @param {string} name
   * @param {(store: IDBObjectStore) => void} write
   * @returns {Promise<void>}
   */
  #write(name, write) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(name, "readwrite", { durability: "strict" });
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error));
      write(transaction.objectStore(name));
    });
  }

  /** @param {string} name */
  #all(name) {
    return answered(this.#database.transaction(name).objectStore(name).getAll());
  }

  /**
   * @param {KeptKey} key
   * @returns {Promise<unknown>} null when nothing is kept
   */
  async kept(key) {
    return await answered(this.#database.transaction("kept").objectStore("kept").get(key)) ?? null;
  }

  /**
   * @param {KeptKey} key
   * @param {unknown} value null forgets it
   */
  keep(key, value) {
    return this.#write("kept", (store) => value === null ? store.delete(key) : store.put(value, key));
  }

  /** @returns {Promise<PendingClick[]>} */
  clicks() {
    return this.#all("clicks");
  }

  /** @param {PendingClick} click */
  keepClick(click) {
    return this.#write("clicks", (store) => store.put(click));
  }

  /** @param {string} id */
  forgetClick(id) {
    return this.#write("clicks", (store) => store.delete(id));
  }

  /** @returns {Promise<Fix[]>} */
  fixes() {
    return this.#all("fixes");
  }

  /** @param {Fix} fix */
  keepFix(fix) {
    return this.#write("fixes", (store) => store.put(fix));
  }

  /** @param {Fix[]} fixes */
  forgetFixes(fixes) {
    return this.#write("fixes", (store) => fixes.forEach((fix) => store.delete(fix.id)));
  }

  /** Nothing remains on this telephone. */
  async forgetEverything() {
    for (const name of ["kept", "clicks", "fixes"]) {
      await this.#write(name, (store) => store.clear());
    }
  }
}
