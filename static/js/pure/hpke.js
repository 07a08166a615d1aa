/**
 * Sealing to a public key, so that this page itself cannot open it again: HPKE (RFC 9180), base mode, one message a key,
 * with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, made of what every browser brings (Web Cryptography).
 */

const P256 = { name: "ECDH", namedCurve: "P-256" };
const HMAC = { name: "HMAC", hash: "SHA-256" };
const HASH_BYTES = 32;
const NONCE_BYTES = 12;
const KEM = [0, 0x10];
const VERSION = "HPKE-v1";
const OF_KEM = joined("KEM", KEM);
const OF_SUITE = joined("HPKE", KEM, [0, 1], [0, 2]);

/**
 * @param {Uint8Array} recipient a point of P-256, uncompressed (65 bytes)
 * @param {string} told what the opener must name too
 * @param {ArrayBuffer} message
 * @returns {Promise<ArrayBuffer>} the encapsulated key (65 bytes), then the ciphertext with its tag (16 more)
 */
export async function seal(recipient, told, message) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(P256, false, ["deriveBits"]);
  const theirs = await crypto.subtle.importKey("raw", joined(recipient), P256, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, privateKey, HASH_BYTES * 8);
  const capsule = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  const { key, nonce } = await schedule(await agreed(new Uint8Array(shared), capsule, recipient), told);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, aes, message);
  return joined(capsule, new Uint8Array(sealed)).buffer;
}

/**
 * ExtractAndExpand (section 4.1).
 * @param {Uint8Array} shared
 * @param {Uint8Array} capsule
 * @param {Uint8Array} recipient
 */
async function agreed(shared, capsule, recipient) {
  const found = await extract(OF_KEM, "", "eae_prk", shared);
  return await expand(OF_KEM, found, "shared_secret", joined(capsule, recipient), HASH_BYTES);
}

/**
 * KeySchedule in mode base (section 5.1).
 * @param {Uint8Array} secret
 * @param {string} told
 */
async function schedule(secret, told) {
  const nobody = await extract(OF_SUITE, "", "psk_id_hash", "");
  const context = joined([0], nobody, await extract(OF_SUITE, "", "info_hash", told));
  const found = await extract(OF_SUITE, secret, "secret", "");
  return {
    key: await expand(OF_SUITE, found, "key", context, HASH_BYTES),
    nonce: await expand(OF_SUITE, found, "base_nonce", context, NONCE_BYTES),
  };
}

/**
 * LabeledExtract (section 4).
 * @param {Uint8Array} suite
 * @param {Uint8Array | ""} salt
 * @param {string} label
 * @param {Uint8Array | string} material
 */
function extract(suite, salt, label, material) {
  return authenticated(salt === "" ? new Uint8Array(HASH_BYTES) : joined(salt), joined(VERSION, suite, label, material));
}

/**
 * LabeledExpand (section 4) of one block of HKDF (RFC 5869).
 * @param {Uint8Array} suite
 * @param {Uint8Array} key
 * @param {string} label
 * @param {Uint8Array} told
 * @param {number} length
 */
async function expand(suite, key, label, told, length) {
  const whole = await authenticated(joined(key), joined([0, length], VERSION, suite, label, told, [1]));
  return whole.slice(0, length);
}

/**
 * @param {Uint8Array<ArrayBuffer>} key
 * @param {Uint8Array<ArrayBuffer>} message
 */
async function authenticated(key, message) {
  const held = await crypto.subtle.importKey("raw", key, HMAC, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", held, message));
}

/** @param {(string | Uint8Array | number[])[]} parts */
function joined(...parts) {
  const bytes = parts.map((part) => typeof part === "string" ? new TextEncoder().encode(part) : new Uint8Array(part));
  const whole = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
  bytes.reduce((place, part) => {
    whole.set(part, place);
    return place + part.length;
  }, 0);
  return whole;
}
