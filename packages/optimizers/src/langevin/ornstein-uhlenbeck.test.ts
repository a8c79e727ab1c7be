import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ornsteinUhlenbeck } from './ornstein-uhlenbeck.ts';

describe('ornsteinUhlenbeck', () => {
  it.each([0.9, 1.1, 3, 10, 50])('is what its formulas say, gamma eta = %d', (a) => {
    const [gamma, eta] = [2, a / 2];
    const { psi0, psi1, psi2, c00, c01, c11 } = ornsteinUhlenbeck(gamma, eta);
    const e = Math.exp(-a);
    expect(psi0 / e).toBeCloseTo(1, 12);
    expect(psi1).toBeCloseTo((1 - e) / gamma, 14);
    expect(psi2).toBeCloseTo((eta - (1 - e) / gamma) / gamma, 12);
    expect(c00).toBeCloseTo((1 - e * e) / (2 * gamma), 14);
    expect(c01).toBeCloseTo((1 - e) ** 2 / (2 * gamma ** 2), 14);
    expect(c11).toBeCloseTo((eta - (2 * (1 - e)) / gamma + (1 - e * e) / (2 * gamma)) / gamma ** 2, 12);
  });

  it('tends to free flight as the friction goes', () => {
    const { psi0, psi1, psi2, c00, c01, c11 } = ornsteinUhlenbeck(1e-12, 0.5);
    [psi0 - 1, psi1 - 0.5, psi2 - 0.125, c00 - 0.5, c01 - 0.125, c11 - 0.125 / 3].forEach((error) => expect(Math.abs(error)).toBeLessThan(1e-11));
  });

  // exact in law: two steps are one of twice the length, in mean and covariance
  it('is a semigroup', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 5, noNaN: true }), fc.double({ min: 1e-3, max: 5, noNaN: true }), (gamma, eta) => {
        const one = ornsteinUhlenbeck(gamma, eta);
        const two = ornsteinUhlenbeck(gamma, 2 * eta);
        const close = (given: number, expected: number) => expect(Math.abs(given / expected - 1)).toBeLessThan(1e-12);
        close(one.psi0 ** 2, two.psi0);
        close(one.psi1 * (1 + one.psi0), two.psi1);
        // x moves by psi1 v after a first step that left v = -psi1 g
        close(2 * one.psi2 + one.psi1 ** 2, two.psi2);
        close(one.c00 * (1 + one.psi0 ** 2), two.c00);
        close(one.psi0 * (one.c01 + one.psi1 * one.c00) + one.c01, two.c01);
        close(one.c11 + 2 * one.psi1 * one.c01 + one.psi1 ** 2 * one.c00 + one.c11, two.c11);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
