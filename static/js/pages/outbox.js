/** The outbox of the demonstration. */

import { herTelephone } from "../parts/outbox/hers.js";
import { telephones } from "../parts/outbox/telephones.js";

/**
 * @param {string} id
 * @returns {Record<string, string>}
 */
function given(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "{}");
}

const words = given("words");
telephones(words);
herTelephone(words, given("hers-keys")["token"] ?? "");
