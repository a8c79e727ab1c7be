import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { firstState, fromAddress, readAddress, type State, toAddress } from './address.ts';
import { defaultLimits } from './composition.ts';
import { defaultView } from './view.ts';

test('the first state has a readable address', () => {
  expect(toAddress(firstState)).toBe(
    '#objective=matrix-factorization&objective.rank=3&objective.balance=0&generate.rows=40&generate.cols=30&generate.rank=3&generate.condition=20'
      + '&method1=gradient-descent&method2=scaled-gradient-descent&seed=1&track=distance,effective-rank,singular-values',
  );
});

const name = fc.stringMatching(/^[a-z][a-zA-Z-]{0,10}$/).filter((word) => !['objective', 'true', 'false', 'null'].includes(word));
const plain = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x)), fc.boolean(), fc.string(), fc.array(fc.integer(), { maxLength: 3 }));
const flatOptions = fc.dictionary(name, plain, { maxKeys: 3, noNullPrototype: true });
const part = fc.record({ id: name, options: flatOptions.filter((options) => Object.keys(options).length > 0) });
const options = fc.dictionary(name, fc.oneof(plain, part), { maxKeys: 3, noNullPrototype: true });
const chosen = fc.record({ id: name, options });

test('every state comes back from its address', () => {
  fc.assert(
    fc.property(
      fc.record({
        composition: fc.record({
          objective: chosen,
          data: fc.option(fc.record({ name: fc.string({ minLength: 1 }), sha256: fc.stringMatching(/^[0-9a-f]{64}$/), holdout: fc.constantFrom(0, 0.1), reading: fc.dictionary(fc.constantFrom('layout', 'columns', 'row-labels'), fc.oneof(fc.string(), fc.integer())) })),
          generate: flatOptions,
          init: fc.option(chosen),
          backend: chosen,
          methods: fc.array(chosen, { minLength: 1, maxLength: 3 }),
          seed: fc.nat(),
          limits: fc.record({ iterations: fc.nat(), seconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }).map((x) => x + 0)), gradientTolerance: fc.option(fc.constant(1e-6)), patience: fc.constantFrom(1, 20) }),
          track: fc.array(name, { maxLength: 3 }),
        }),
        view: fc.record({ ...Object.fromEntries(Object.entries(defaultView).map(([key, value]) => [key, fc.constant(value)])), at: fc.option(fc.nat()), run: fc.nat(5) }) as fc.Arbitrary<State['view']>,
        plugins: fc.array(fc.webUrl(), { maxLength: 2 }),
      }),
      (state) => { expect(fromAddress(toAddress(state))).toEqual(state); },
    ),
    { seed: 6, numRuns: runs(500) },
  );
});

test('an address that says nothing is no state; what is not understood is left at its default, and named', () => {
  expect(fromAddress('')).toBeUndefined();
  expect(fromAddress('#utm=1')).toBeUndefined();
  const { state, refused } = readAddress('#objective=x&seed=-4&limit.iterations=many&limit.hours=2&view.run=two&limit.patience=0&data=a.csv&data.sha256=12')!;
  expect(state.composition).toMatchObject({ seed: 0, data: null, limits: defaultLimits });
  expect(state.view).toEqual(defaultView);
  expect(refused).toEqual(['limit.hours (2)', 'data (a.csv, which takes data.sha256 and a data.holdout below 1)', 'seed (-4)', 'limit.iterations (many)', 'limit.patience (0)', 'view.run (two)']);
  expect(readAddress('#objective=x&seed=4&utm=1')!.refused).toEqual([]);
});
