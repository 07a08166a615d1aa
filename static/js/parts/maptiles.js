// Pictures under the map, from our own origin. One is asked for first: where that fails the page falls quiet and asks
// again later, each time later than before.

const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 600_000;
const AGAIN = [5_000, 20_000, 60_000]; // a single picture that was not there in time
const TOO_MANY = 8; // failures with nothing between them
const SIDE = 256;
const TRIAL_LEVEL = 15;

/**
 * @param {L.Map} map
 * @param {LiveTiles} tiles
 * @param {{ here: () => L.LatLng, told: (shown: boolean) => void }} options where to try; told what came of it
 */
export function picturesOf(map, tiles, { here, told }) {
  let pause = FIRST_PAUSE;
  /** @type {L.TileLayer | null} */
  let layer = null;
  /** @type {Set<ReturnType<typeof setTimeout>>} */
  const waiting = new Set();
  const later = (/** @type {number} */ milliseconds, /** @type {() => void} */ act) => {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      act();
    }, milliseconds);
    waiting.add(timer);
  };

  const rest = () => {
    layer?.remove();
    layer = null;
    told(false);
    later(pause, attempt);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };
  const show = () => {
    pause = FIRST_PAUSE;
    layer = layerOf(tiles, { later, rest }).addTo(map);
    told(true);
  };
  /** One picture alone tells whether the others may be asked for. */
  const attempt = () => {
    const trial = new Image();
    trial.addEventListener("load", show);
    trial.addEventListener("error", rest);
    trial.src = address(map, tiles, here());
  };

  if (tiles.rests) {
    rest();
  } else {
    attempt();
  }
  return {
    end() {
      waiting.forEach((timer) => clearTimeout(timer));
      layer?.remove();
    },
  };
}

/**
 * @param {L.Map} map
 * @param {LiveTiles} tiles
 * @param {L.LatLng} place
 */
function address(map, tiles, place) {
  const z = Math.min(TRIAL_LEVEL, tiles.deepest);
  const { x, y } = map.project(place, z).divideBy(SIDE).floor();
  return L.Util.template(tiles.url, { z, x, y });
}

/**
 * @param {LiveTiles} tiles
 * @param {{ later: (milliseconds: number, act: () => void) => void, rest: () => void }} options
 */
function layerOf(tiles, { later, rest }) {
  const layer = L.tileLayer(tiles.url, { maxNativeZoom: tiles.deepest, maxZoom: 19, keepBuffer: 1, updateWhenIdle: true });
  /** @type {WeakMap<HTMLElement, number>} */
  const tries = new WeakMap();
  let failures = 0;
  layer.on("tileload", () => { failures = 0; });
  layer.on("tileerror", ({ tile }) => {
    failures += 1;
    if (failures > TOO_MANY) {
      rest();
      return;
    }
    const count = tries.get(tile) ?? 0;
    const wait = AGAIN[count];
    tries.set(tile, count + 1);
    if (wait !== undefined && tile instanceof HTMLImageElement) {
      const { src } = tile;
      later(wait, () => {
        if (tile.isConnected) {
          tile.src = src;
        }
      });
    }
  });
  return layer;
}
