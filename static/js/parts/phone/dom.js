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

/**
 * One line per person: the name, a word, and smaller how each message stands; built again only when something changed.
 * @param {HTMLElement} list
 * @param {ToldPerson[]} people
 */
export function sayPeople(list, people) {
  const lines = people.map(({ name, what, how }) => `${name} ${what} ${how.join(" · ")}`);
  const shown = [...list.children].map((child) => child.textContent);
  if (shown.length !== lines.length || shown.some((line, index) => line !== lines[index])) {
    list.replaceChildren(...people.map(person));
  }
}

/** @param {ToldPerson} told */
function person({ name, what, how }) {
  const item = document.createElement("li");
  const ways = span("how", "");
  ways.append(...how.flatMap((way, place) => (place === 0 ? [span("way", way)] : [" · ", span("way", way)])));
  item.append(span("name", name), " ", span("what", what), " ", ways);
  return item;
}

/**
 * @param {string} look
 * @param {string} text
 */
function span(look, text) {
  const element = document.createElement("span");
  element.className = look;
  element.textContent = text;
  return element;
}

/** @returns {Words} */
export function words() {
  return JSON.parse(part("words", HTMLScriptElement).textContent ?? "{}");
}
