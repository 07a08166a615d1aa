/**
 * Seconds of sound that the service has not taken yet, kept in case this page is closed first. Sealed to a key of the
 * service: neither a later page nor whoever holds the telephone can open them again (decision 0057). In a database of
 * its own, under a dull name: should it fail, nothing else of the page does.
 */

import { seal } from "../../pure/hpke.js";
import { jobsOf, kept, nameOf, toldOf } from "../../pure/soundkept.js";

const NAME = "brouillons";
const PAGES = "pages";

/** @implements {SoundKeeping} */
export class SoundKeeper {
  #key;
  /** Names of what is kept, or is being kept. @type {Set<string>} */
  #names = new Set();
  /** @type {Promise<IDBDatabase> | null} */
  #database = null;
  /** One after the other: what is forgotten was kept before. @type {Promise<void>} */
  #last = Promise.resolve();

  /** @param {string} key of the service, in base64; empty: nothing is kept */
  constructor(key) {
    this.#key = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
  }

  /**
   * What an earlier page left.
   * @returns {Promise<SoundJob[]>}
   */
  async left() {
    const rows = await this.#left().catch(() => /** @type {KeptSound[]} */ ([]));
    rows.forEach(({ name }) => this.#names.add(name));
    return jobsOf(rows);
  }

  /** @param {SoundJob} job */
  keep(job) {
    if (job.kind !== "chunk" || this.#key.length === 0 || this.#names.has(nameOf(job))) {
      return;
    }
    const name = nameOf(job);
    this.#names.add(name);
    this.#then(async () => {
      if (this.#names.has(name)) {
        const row = kept(job, await seal(this.#key, toldOf(job), job.bytes));
        await this.#write((pages) => pages.put(row));
      }
    });
  }

  /** @param {SoundJob[]} jobs that wait no more */
  forget(jobs) {
    const names = jobs.flatMap((job) => job.kind === "chunk" && this.#names.delete(nameOf(job)) ? [nameOf(job)] : []);
    if (names.length > 0) {
      this.#then(() => this.#write((pages) => names.forEach((name) => pages.delete(name))));
    }
  }

  /** Nothing remains on this telephone. */
  clear() {
    this.#names.clear();
    this.#then(() => this.#write((pages) => pages.clear()));
  }

  /** @param {() => Promise<unknown>} act */
  #then(act) {
    this.#last = this.#last.then(act).then(() => undefined, () => undefined); // a full telephone: it waits in memory, as said
  }

  /** @returns {Promise<KeptSound[]>} */
  async #left() {
    return await answered((await this.#open()).transaction(PAGES).objectStore(PAGES).getAll());
  }

  /**
   * @param {(pages: IDBObjectStore) => void} write
   * @returns {Promise<void>}
   */
  async #write(write) {
    const transaction = (await this.#open()).transaction(PAGES, "readwrite", { durability: "strict" });
    return await new Promise((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error));
      write(transaction.objectStore(PAGES));
    });
  }

  #open() {
    this.#database ??= opened();
    return this.#database;
  }
}

/** @returns {Promise<IDBDatabase>} */
async function opened() {
  const request = indexedDB.open(NAME, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(PAGES, { keyPath: "name" }));
  return await answered(request);
}

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
