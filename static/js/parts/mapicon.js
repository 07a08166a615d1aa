// Words on the map: always text nodes, for names come from people.

/**
 * A mark that is only what `className` makes of it, with one span for each text.
 * @param {string} className
 * @param {...string} texts
 * @returns {L.DivIcon}
 */
export function icon(className, ...texts) {
  const box = document.createElement("span");
  box.append(...texts.map((text) => {
    const line = document.createElement("span");
    line.textContent = text;
    return line;
  }));
  return L.divIcon({ className, html: box, iconSize: [0, 0] });
}

/**
 * The same words somewhere on the map; nobody stops there by keyboard, the lists of the page say it all.
 * @param {L.LatLngExpression} place
 * @param {string} className
 * @param {string} pane
 * @param {...string} texts
 * @returns {L.Marker}
 */
export function words(place, className, pane, ...texts) {
  return L.marker(place, { icon: icon(className, ...texts), pane, interactive: false, keyboard: false });
}
