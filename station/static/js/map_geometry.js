/** The maths of the map: from metres (y up) to the drawing's units (y down), in either orientation. */

/** How a city lies in the drawing: turned a quarter where that fills the given shape (width / height) better. */
export class MapFrame {
  /** `bounds` is [xmin, ymin, xmax, ymax] in metres, `aspect` the wanted width / height, `margin` in metres. */
  constructor(bounds, aspect, margin) {
    const [xMin, yMin, xMax, yMax] = bounds;
    const width = xMax - xMin;
    const height = yMax - yMin;
    this.turned = Math.abs(Math.log(height / width / aspect)) < Math.abs(Math.log(width / height / aspect));
    const [left, top] = this.turned ? [-yMax, -xMax] : [xMin, -yMax];
    const [across, down] = this.turned ? [height, width] : [width, height];
    this.viewBox = [left - margin, top - margin, across + 2 * margin, down + 2 * margin];
  }

  /** Where a point of the city lies in the drawing. */
  place([x, y]) {
    return this.turned ? [-y, -x] : [x, -y];
  }

  /** A heading (radians, counter-clockwise from x) as the drawing's clockwise angle in degrees. */
  angle(headingRad) {
    const degrees = (-headingRad * 180) / Math.PI;
    return this.turned ? degrees - 90 : degrees;
  }

  /** SVG path data of a polyline. */
  path(points) {
    return points.map((point, index) => {
      const [x, y] = this.place(point);
      return `${index === 0 ? "M" : "L"}${x.toFixed(3)} ${y.toFixed(3)}`;
    }).join("");
  }
}

/** The polyline beside another one, `distance` metres to its left. */
export function offsetLine(points, distance) {
  return points.map(([x, y], index) => {
    const before = points[Math.max(index - 1, 0)];
    const after = points[Math.min(index + 1, points.length - 1)];
    const length = Math.hypot(after[0] - before[0], after[1] - before[1]) || 1;
    const normal = [-(after[1] - before[1]) / length, (after[0] - before[0]) / length];
    return [x + normal[0] * distance, y + normal[1] * distance];
  });
}

/** The part of a polyline that lies between two distances along it, in metres from its start. */
export function lineBetween(points, from, to) {
  const between = [];
  let start = 0;
  for (let index = 1; index < points.length; index += 1) {
    const [[ax, ay], [bx, by]] = [points[index - 1], points[index]];
    const length = Math.hypot(bx - ax, by - ay);
    const at = (along) => [ax + ((bx - ax) * along) / length, ay + ((by - ay) * along) / length];
    if (length > 0 && start + length >= from && start <= to) {
      if (between.length === 0) between.push(at(Math.max(from - start, 0)));
      between.push(at(Math.min(to - start, length)));
    }
    start += length;
  }
  return between;
}

/** The point `distance` metres to the left of the line that passes nearest to `point`. */
export function besideNearestLine(lines, point, distance) {
  let best = { gap: Infinity, spot: point };
  for (const line of lines) {
    const beside = offsetLine(line, distance);
    line.forEach(([x, y], index) => {
      const gap = Math.hypot(x - point[0], y - point[1]);
      if (gap < best.gap) best = { gap, spot: beside[index] };
    });
  }
  return best.spot;
}

/** `next` plus or minus whole turns, so that it is the shortest way from `previous` (degrees). */
export function unwrapped(previous, next) {
  return next - 360 * Math.round((next - previous) / 360);
}
