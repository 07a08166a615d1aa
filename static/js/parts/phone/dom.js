/** Finds the parts of the page and puts words in them; a region read aloud changes only when its words do. */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function part(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new TypeError(`#${id} is missing from the page`);
  }
  return found;
}

/**
 * @param {HTMLElement} element
 * @param {string} sentence
 */
export function say(element, sentence) {
  if (element.textContent !== sentence) {
    element.textContent = sentence;
  }
}

/**
 * One line per entry, built again only when something changed.
 * @param {HTMLElement} list
 * @param {string[]} lines
 */
export function sayAll(list, lines) {
  const shown = [...list.children].map((child) => child.textContent);
  if (shown.length !== lines.length || shown.some((line, index) => line !== lines[index])) {
    list.replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
  }
}

/** @returns {Words} */
export function words() {
  return JSON.parse(part("words", HTMLScriptElement).textContent ?? "{}");
}
