// The shape of strokes: a smooth line through the points, whose width follows the pressure of a pen.

const ACCURACY = 0.1; // how far a line may deviate from the true curve, in the units of the points

// Points on a smooth curve from b to c, without b itself, close enough together to be joined by straight lines. The neighbours a and d
// determine where the curve comes from and where it goes; at an end of the stroke pass b for a, or c for d. A third number in a point is
// the pressure.
export function bend(a, b, c, d) {
  const from = tangent(a, b, c);
  const to = tangent(b, c, d);
  const way = [c[0] - b[0], c[1] - b[1]];
  // The largest distance of the curve from the straight line; with n steps it becomes n² times smaller.
  const away = Math.max(...[from, to].map((side) => Math.abs(way[0] * side[1] - way[1] * side[0]))) / (4 * Math.hypot(...way) || 1);
  const steps = Math.min(32, Math.max(1, Math.ceil(Math.sqrt(away / ACCURACY))));
  const points = [];
  for (let step = 1; step < steps; step += 1) {
    const t = step / steps;
    const place = way.map((length, i) => b[i] + t * (from[i] + t * (3 * length - 2 * from[i] - to[i] + t * (from[i] + to[i] - 2 * length))));
    points.push(b.length > 2 ? [...place, b[2] + t * (c[2] - b[2])] : place);
  }
  points.push(c);
  return points;
}

// The tangent is as long as the shorter side, so that the curve neither overshoots nor loops if points are unevenly spaced.
function tangent(before, at, after) {
  const way = [after[0] - before[0], after[1] - before[1]];
  const length = Math.hypot(...way);
  const shorter = Math.min(Math.hypot(at[0] - before[0], at[1] - before[1]), Math.hypot(after[0] - at[0], after[1] - at[1]));
  return length === 0 ? [0, 0] : way.map((side) => side * shorter / length);
}

const curve = (points) => points.flatMap((point, i) => (i === 0 ? [point] : bend(points[i - 2] ?? points[i - 1], points[i - 1], point, points[i + 1] ?? point)));

// Turns the content of a `draw` message into something to paint: a path to be stroked with `width` or, if that is 0, filled.
export function pieceOf({ points, fromX, fromY, toX, toY, color, size = 4 }) {
  const given = points ?? [[fromX, fromY], [toX, toY]];
  const route = curve(given);
  const path = new Path2D();
  const pressed = given.some((point) => point.length > 2);
  // With half the pressure, or if the device has none, the line is as wide as its size.
  const widthAt = ([, , pressure = 0.5]) => Number(size) * (0.35 + 1.3 * pressure);
  if (pressed || given.length === 1) {
    for (let i = 0; i < route.length; i += 1) addBead(path, route[i], widthAt(route[i]), route[i - 1], i && widthAt(route[i - 1]));
  } else {
    route.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
    if (route.every(([x, y]) => x === route[0][0] && y === route[0][1])) path.lineTo(route[0][0] + 0.01, route[0][1]); // otherwise there would be no dot
  }
  const margin = Number(size) + 2;
  const box = around(route.map(([x, y]) => [x - margin, y - margin, x + margin, y + margin]));
  return { path, color, width: pressed || given.length === 1 ? 0 : Number(size), box, points: route.length };
}

// Adds a disc, and the area that joins it to the previous disc. All have the same orientation, so that filling gives one area, and a
// transparent colour is not applied twice anywhere.
function addBead(path, [x, y], width, before, widthBefore) {
  path.moveTo(x + width / 2, y);
  path.arc(x, y, width / 2, 0, 2 * Math.PI);
  if (!before) return;
  const length = Math.hypot(x - before[0], y - before[1]);
  if (length === 0) return;
  const [acrossX, acrossY] = [(y - before[1]) / length / 2, (before[0] - x) / length / 2];
  path.moveTo(before[0] + acrossX * widthBefore, before[1] + acrossY * widthBefore);
  path.lineTo(x + acrossX * width, y + acrossY * width);
  path.lineTo(x - acrossX * width, y - acrossY * width);
  path.lineTo(before[0] - acrossX * widthBefore, before[1] - acrossY * widthBefore);
  path.closePath();
}

export function paint(context, { path, color, width }) {
  if (width) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke(path);
  } else {
    context.fillStyle = color;
    context.fill(path);
  }
}

// Joins pieces into one path. Lines that overlap within one path are one area, so the places where pieces meet are invisible.
export function joined(pieces) {
  const [first, ...others] = pieces;
  if (!others.length) return first;
  const path = new Path2D(first.path);
  for (const piece of others) path.addPath(piece.path);
  return { ...first, path };
}

export const around = (boxes) => [0, 1, 2, 3].map((side) => Math[side < 2 ? 'min' : 'max'](...boxes.map((box) => box[side])));
export const touch = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

// Rounds a point to a tenth of a unit and a hundredth of the pressure: that is exact enough.
export const rounded = (point) => point.map((number, i) => Math.round(number * [10, 10, 100][i]) / [10, 10, 100][i]);
