/**
 * Rotations as paths: Psi in SO(r) as a product of turns in coordinate planes, each of which can be made little by little.
 */
import { copyMatrix, type Matrix } from '@lowland/linalg';

/** Columns `first` and `second` of W become cos W_first + sin W_second and cos W_second - sin W_first. */
export interface Turn {
  readonly first: number;
  readonly second: number;
  readonly angle: number;
}

/**
 * Turns that take W to W Psi one after the other (Givens 1958); undefined for reflections, which no path of rotations reaches.
 *
 * Each turn leaves a diagonal entry that is not negative, all but the last one, which has the sign of the determinant.
 */
export function turnsOf(psi: Matrix): readonly Turn[] | undefined {
  const r = psi.rows;
  const { data } = copyMatrix(psi);
  const turns: Turn[] = [];
  for (let j = 0; j < r; j++) {
    for (let i = j + 1; i < r; i++) {
      // Rows i and j of Psi = G1 G2 … D are turned so that entry (i, j) becomes 0: W Psi = W G1 G2 … D.
      const [top, low] = [data[j * r + j]!, data[i * r + j]!];
      const angle = Math.atan2(low, top);
      if (angle === 0) continue;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let k = 0; k < r; k++) {
        const [a, b] = [data[j * r + k]!, data[i * r + k]!];
        data[j * r + k] = c * a + s * b;
        data[i * r + k] = c * b - s * a;
      }
      turns.push({ first: j, second: i, angle });
    }
  }
  return data[r * r - 1]! < 0 ? undefined : turns;
}

/** W after the given part (0 to 1) of all turns, each taking the same share. */
export function turnedBy(w: Matrix, turns: readonly Turn[], part: number): Matrix {
  const out = copyMatrix(w);
  turns.forEach(({ first, second, angle }, k) => {
    const share = Math.min(1, Math.max(0, part * turns.length - k));
    if (share === 0) return;
    const [c, s] = [Math.cos(share * angle), Math.sin(share * angle)];
    for (let i = 0; i < out.rows; i++) {
      const [a, b] = [out.data[i * out.cols + first]!, out.data[i * out.cols + second]!];
      out.data[i * out.cols + first] = c * a + s * b;
      out.data[i * out.cols + second] = c * b - s * a;
    }
  });
  return out;
}

/** The sign of the determinant of an orthogonal matrix, by the turns that make it a diagonal of signs. */
export const determinantSign = (psi: Matrix): 1 | -1 => (turnsOf(psi) === undefined ? -1 : 1);
