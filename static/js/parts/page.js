// What several parts do to the page: words and attributes change, and only where they differ.

/** @param {string} id */
export const at = (id) => document.getElementById(id);

/**
 * @param {string} id
 * @param {string} text
 */
export function write(id, text) {
  put(at(id), text);
}

/**
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function put(element, text) {
  if (element && element.textContent !== text) {
    element.textContent = text;
  }
}

/**
 * @param {string} id
 * @param {boolean} shown
 */
export function show(id, shown) {
  at(id)?.toggleAttribute("hidden", !shown);
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} value
 */
export function mark(id, name, value) {
  at(id)?.setAttribute(`data-${name}`, value);
}
