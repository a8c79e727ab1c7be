/** From where a surface is looked at: a camera on a sphere around its middle. */

export interface Orbit {
  /** Degrees around the vertical. */
  readonly azimuth: number;
  /** Degrees above the plane. */
  readonly elevation: number;
  /** From the middle, in half widths of the surface. */
  readonly distance: number;
}

/** High enough to see into bowls. */
export const start: Orbit = { azimuth: -55, elevation: 52, distance: 5.5 };

/** Degrees across what of a picture is square: narrow ones show as much from side to side as wide ones from top to bottom. */
const fieldOfView = 35;

/** Degrees from top to bottom. */
export const fieldOf = (width: number, height: number): number => (360 / Math.PI) * Math.atan(Math.tan((fieldOfView * Math.PI) / 360) * Math.max(1, height / width));

/** The middle of what is looked at. */
export const middle = [0, 0, 0.3] as const;

export function turned({ azimuth, elevation, distance }: Orbit, around: number, up: number, nearer = 1): Orbit {
  return { azimuth: ((((azimuth + around) % 360) + 540) % 360) - 180, elevation: Math.min(89, Math.max(5, elevation + up)), distance: Math.min(12, Math.max(1.6, distance * nearer)) };
}

/** What a key does; undefined for keys that do nothing here. */
export function turnedBy(orbit: Orbit, key: string): Orbit | undefined {
  switch (key) {
    case 'ArrowLeft':
      return turned(orbit, -6, 0);
    case 'ArrowRight':
      return turned(orbit, 6, 0);
    case 'ArrowUp':
      return turned(orbit, 0, 4);
    case 'ArrowDown':
      return turned(orbit, 0, -4);
    case '+':
    case '=':
      return turned(orbit, 0, 0, 1 / 1.12);
    case '-':
      return turned(orbit, 0, 0, 1.12);
    case 'Home':
      return start;
    default:
      return undefined;
  }
}

export type Triple = readonly [number, number, number];

export function positionOf({ azimuth, elevation, distance }: Orbit): Triple {
  const [a, e] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
  return [middle[0] + distance * Math.cos(e) * Math.cos(a), middle[1] + distance * Math.cos(e) * Math.sin(a), middle[2] + distance * Math.sin(e)];
}

/** Places in a picture: from the surface's coordinates to pixels, and the depth behind the picture. */
export function projection(orbit: Orbit, width: number, height: number): (point: Triple) => Triple {
  const eye = positionOf(orbit);
  const forward = unit(minus(middle, eye));
  const right = unit(cross(forward, [0, 0, 1]));
  const up = cross(right, forward);
  const scale = height / 2 / Math.tan((fieldOf(width, height) * Math.PI) / 360);
  return (point) => {
    const from = minus(point, eye);
    const depth = dot(from, forward);
    return [width / 2 + (scale * dot(from, right)) / depth, height / 2 - (scale * dot(from, up)) / depth, depth];
  };
}

const minus = (a: Triple, b: Triple): Triple => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Triple, b: Triple): Triple => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a: Triple): Triple => {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
};
