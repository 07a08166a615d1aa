// What hands do to the map: two fingers, a mouse, arrows. One finger scrolls the page and never moves the map, unless
// the map has the whole screen.

const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/**
 * @param {L.Map} map
 * @param {{ left: () => void, pinched: () => void, alone: () => void, whole: () => boolean }} hands told when the map was
 * moved away by a hand, touched by two fingers, stroked by one alone; asked whether it has the whole screen
 * @param {AbortSignal} signal ends it
 */
export function handsOn(map, hands, signal) {
  const container = map.getContainer();
  container.addEventListener("touchstart", (event) => {
    if (event.touches.length > 1) {
      hands.pinched();
    }
  }, { passive: true, signal });
  container.addEventListener("touchmove", (event) => {
    if (event.touches.length === 1 && !hands.whole()) {
      hands.alone();
    }
  }, { passive: true, signal });
  container.addEventListener("keydown", (event) => {
    if (ARROWS.has(event.key)) {
      hands.left();
    }
  }, { signal });
  map.on("dragstart", hands.left);
  mouse(map, hands.whole, signal);
}

/**
 * A mouse drags the map, also on a machine that can be touched; its wheel scrolls the page, and zooms with Ctrl, which
 * is what two fingers on a touchpad send.
 * @param {L.Map} map
 * @param {() => boolean} whole
 * @param {AbortSignal} signal
 */
function mouse(map, whole, signal) {
  const container = map.getContainer();
  container.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") {
      map.dragging.enable();
    }
  }, { capture: true, signal });
  window.addEventListener("pointerup", (event) => {
    if (event.pointerType === "mouse" && !whole()) {
      setTimeout(() => map.dragging?.disable());
    }
  }, { signal });
  let turned = 0;
  container.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) {
      return;
    }
    event.preventDefault();
    turned += event.deltaY;
    if (Math.abs(turned) >= 40) {
      map.setZoomAround(map.mouseEventToContainerPoint(event), map.getZoom() - Math.sign(turned));
      turned = 0;
    }
  }, { passive: false, signal });
}
