import { describe, expect, it } from 'vitest';

import { instances } from '../../test/instances.ts';
import { gaussian, inner, largest, probe } from '../../test/support.ts';
import { matrixFactorization } from '../matrix-factorization/asymmetric.ts';
import { matrixSensing } from '../matrix-sensing/sensing.ts';

describe('the rounding slack of a lifted value', () => {
  it('covers the cancellation inside the product of the factors', () => {
    // X = A B - A (B + 1) = -A exactly, but both products are rounded to multiples of 4.
    const a = 2 ** 27 + 1;
    const b = 2 ** 27 + 3;
    const wide = probe(matrixFactorization({ target: { rows: 2, cols: 2, values: new Float64Array(4) }, rank: 2, balance: 0, lambda: 2 ** -60 }));
    const lifted = wide.problem.lift!.at({ layout: wide.problem.layout, data: Float64Array.of(a, a, 0, 0, b, -b - 1, 0, 0) });
    const squares = 2n * BigInt(a) ** 2n + BigInt(b) ** 2n + BigInt(b + 1) ** 2n;
    // f 2^61, an integer: 1/2 A^2 + 2^-61 (sum of squares).
    const exact = (BigInt(a) ** 2n << 60n) + squares;
    const given = BigInt(lifted.value) << 61n;
    const error = Number(given > exact ? given - exact : exact - given) / 2 ** 61;
    const slack = 4 * (lifted.terms + 10) * 2 ** -53 * lifted.absoluteSum;
    expect(error).toBeGreaterThan(1e6);
    expect(error).toBeLessThan(slack);
    expect(slack).toBeLessThan(1e-4 * lifted.value);
  });
});

describe('what rounding did to the gradient of a lift', () => {
  it('covers measurements that cancel', () => {
    // rho = (3, 1), and 3 (2^52 + 1) is rounded: the computed G is 0, the true one -1.
    const big = 2 ** 52 + 1;
    const objective = matrixSensing({
      measurements: { rows: 1, cols: 1, values: Float64Array.of(-3, -1), ensemble: { kind: 'dense', matrices: Float64Array.of(big, -3 * big) } },
      rank: 1,
      lambda: 1,
    });
    const { layout } = objective;
    const lifted = probe(objective).problem.lift!.at({ layout, data: new Float64Array(2) });
    expect(3n * BigInt(big) - BigInt(3 * big)).toBe(-1n);
    const g = new Float64Array(1);
    lifted.apply(Float64Array.of(1), g, false);
    expect(g[0]).toBe(0);
    expect(lifted.gradientRounding).toBeGreaterThan(1);
    expect(lifted.gradientRounding).toBeLessThan(1e-14 * 3 * big);
  });
});

describe.each(Object.entries(instances).filter(([, objective]) => 'lift' in objective.routes))('%s', (_name, objective) => {
  const f = probe(objective);
  const { lift } = f.problem;
  const x = gaussian(f.size, 'lift');
  const lifted = lift!.at({ layout: objective.layout, data: x });

  it('has the value of the factored problem, as an upper bound of phi + penalty', () => {
    expect(lifted.value).toBeCloseTo(f.value(x), 11);
    if (lift!.leastSquares && !lift!.hasLinearTerm) expect(lifted.value).toBeGreaterThanOrEqual(inner(lifted.residual, lifted.residual) / 2);
  });

  it('applies a matrix and its transpose: <y, G x> = <G^T y, x>, and its Gram matrix agrees', () => {
    const [v, y] = [gaussian(lift!.cols, 'v'), gaussian(lift!.rows, 'y')];
    const [gv, gy] = [new Float64Array(lift!.rows), new Float64Array(lift!.cols)];
    lifted.apply(v, gv, false);
    lifted.apply(y, gy, true);
    expect(inner(y, gv)).toBeCloseTo(inner(gy, v), 11);

    const side = Math.min(lift!.rows, lift!.cols);
    const gram = new Float64Array(side * side);
    lifted.gram!(gram);
    const product = (from: Float64Array): Float64Array => Float64Array.from({ length: side }, (_, i) => inner(gram.subarray(i * side, (i + 1) * side), from));
    const tall = lift!.rows > lift!.cols;
    const from = tall ? v : y;
    const expected = new Float64Array(side);
    if (lift!.kind === 'psd') lifted.apply(from, expected, false);
    else if (tall) lifted.apply(gv, expected, true);
    else lifted.apply(gy, expected, false);
    expect(largest(product(from).map((value, k) => value - expected[k]!))).toBeLessThan(1e-11 * (1 + largest(expected)));
  });

  it('is smooth with the stated constant: the slope of phi between two points is Lipschitz', () => {
    // phi is quadratic: |a(D)|^2 <= L |D|_F^2 along the product of the factors.
    const other = lift!.at({ layout: objective.layout, data: x.map((value, k) => value + gaussian(f.size, 'step')[k]! / 10) });
    const change = other.residual.map((value, k) => value - lifted.residual[k]!);
    const residualNorm = inner(change, change);
    const truthless = probe(objective);
    const cells = lift!.rows * lift!.cols;
    const entriesAt = (data: Float64Array): Float64Array => {
      const out = truthless.zeros(cells);
      const memory = truthless.problem.device.memory();
      const row = Int32Array.from({ length: cells }, (_, k) => Math.floor(k / lift!.cols));
      const col = Int32Array.from({ length: cells }, (_, k) => k % lift!.cols);
      truthless.problem.predict!(truthless.vector(data), memory.integers(row), memory.integers(col), out);
      return truthless.read(out);
    };
    const [before, after] = [entriesAt(x), entriesAt(x.map((value, k) => value + gaussian(f.size, 'step')[k]! / 10))];
    const moved = after.map((value, k) => value - before[k]!);
    expect(residualNorm).toBeLessThanOrEqual(lift!.smoothness * inner(moved, moved) * (1 + 1e-9));
  });
});
