// How tiles share a rectangle: as large as possible, never more than eight.

const USUAL = 4 / 3;
const SEEN_ENOUGH = 0.62;

/**
 * Columns and rows; tiles of the last row share its whole width.
 * @param {number} count
 * @param {{ width: number, height: number }} room
 * @param {number[]} [pictures] width by height of each that is seen
 * @returns {{ columns: number, rows: number }}
 */
export function grid(count, { width, height }, pictures = []) {
  const shape = usual(pictures);
  const people = Math.max(count, 1);
  let best = { columns: 1, rows: people, size: -1 };
  for (let columns = 1; columns <= people; columns += 1) {
    const rows = Math.ceil(people / columns);
    const size = Math.min(width / columns, (height / rows) * shape);
    if (size > best.size + 0.5) {
      best = { columns, rows, size };
    }
  }
  return { columns: best.columns, rows: best.rows };
}

/**
 * The middle of all shapes: telephones held upright, computers lying.
 * @param {number[]} pictures
 */
function usual(pictures) {
  const known = pictures.filter((shape) => shape > 0 && Number.isFinite(shape));
  const sum = known.reduce((all, shape) => all + Math.log(shape), 0);
  return known.length ? Math.exp(sum / known.length) : USUAL;
}

/**
 * Whether a picture fills its tile or keeps its edges: a face cut in half is no face.
 * @param {number} picture width by height
 * @param {number} tile width by height
 * @returns {"cover" | "contain"}
 */
export function fit(picture, tile) {
  const seen = Math.min(picture, tile) / Math.max(picture, tile);
  return seen >= SEEN_ENOUGH || !Number.isFinite(seen) ? "cover" : "contain";
}
