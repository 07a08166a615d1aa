/**
 * The companion's service worker: the page opens without a network. It keeps the page and its own files under their
 * hashed names, nothing else: no answer of the API, nothing about her. `shell` is set by the script that loads this one.
 */

const scope = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (self));
const { version, page, files } = scope.shell;
const FAMILY = "carnet-";
const CACHE = FAMILY + version;

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([page, ...files].map((url) => new Request(url, { cache: "reload", credentials: "same-origin" })));
  await scope.skipWaiting();
}

async function forgetOlder() {
  const old = (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/**
 * @param {Request} request
 * @param {string} url
 */
async function kept(request, url) {
  const cache = await caches.open(CACHE);
  return await cache.match(url, { ignoreVary: true }) ?? fetch(request);
}

scope.addEventListener("install", (event) => {
  /** @type {WorkerEvent} */ (event).waitUntil(keep());
});

scope.addEventListener("activate", (event) => {
  /** @type {WorkerEvent} */ (event).waitUntil(forgetOlder());
});

scope.addEventListener("fetch", (event) => {
  const { request } = /** @type {WorkerFetchEvent} */ (event);
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) {
    return;
  }
  if (url.pathname === page ? request.mode === "navigate" : files.includes(url.pathname)) {
    /** @type {WorkerFetchEvent} */ (event).respondWith(kept(request, url.pathname));
  }
});
