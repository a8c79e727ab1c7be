/** What of a surface hides what, seen from the camera: for marks and lines that are drawn over its picture. */
import { type Mesh, surfaceAt, tall } from './mesh.ts';
import { type Orbit, positionOf, type Triple } from './orbit.ts';

/** Looks between a place and where the way to the camera leaves the box. */
const looks = 48;

/** Whether the surface lies between a place and the camera. What is above the cap is cut off, and hides nothing. */
export function hiddenBehind(mesh: Mesh, orbit: Orbit): (place: Triple) => boolean {
  const eye = positionOf(orbit);
  return (place) => {
    const way = [eye[0] - place[0], eye[1] - place[1], eye[2] - place[2]] as const;
    // The way leaves the box through its lid, or through one of its sides.
    const reach = Math.min((tall - place[2]) / way[2], ...[0, 1].map((i) => (Math.sign(way[i]!) - place[i]!) / way[i]!));
    for (let k = 1; k <= looks; k++) {
      const part = (k / looks) * reach;
      const ground = surfaceAt(mesh, place[0] + part * way[0], place[1] + part * way[1]);
      if (ground <= tall && place[2] + part * way[2] < ground - 0.012) return true;
    }
    return false;
  };
}
