import { beforeAll, expect, test } from 'vitest';

import { catalogueOf } from '../engine/catalogue.ts';
import { loadRegistry } from '../engine/plugins.ts';
import type { Catalogue } from '../engine/protocol.ts';
import { fromAddress } from './address.ts';
import { firstComposition } from './composition.ts';
import { fitted } from './fitted.ts';

let catalogue: Catalogue;
beforeAll(async () => { catalogue = catalogueOf(await loadRegistry([])); });

const read = (hash: string) => fitted(fromAddress(hash)!.composition, catalogue);

test('numbers that are none, and answers that are neither yes nor no, are left out, wherever they stand', () => {
  const { composition, refused } = read('#objective=matrix-factorization&objective.rank=NaN&objective.balance=0&generate.rows=[40]&method1=gradient-descent&method1.step=fixed&method1.step.step=much&seed=1');
  expect(refused).toEqual(['objective.rank (NaN)', 'generate.rows ([40])', 'method1.step.step (much)']);
  expect(composition.objective.options).toEqual({ balance: 0 });
  expect(composition.generate).toEqual({});
  expect(composition.methods).toEqual([{ id: 'gradient-descent', options: { step: { id: 'fixed', options: {} } } }]);
});

test('what fits, and what is not known, stays as it is', () => {
  expect(fitted(firstComposition, catalogue)).toEqual({ composition: firstComposition, refused: [] });
  const other = read('#objective=of-a-plugin&objective.rank=NaN&method1=lbfgs&method1.unheard=of&seed=1');
  expect([other.refused, other.composition.objective.options, other.composition.methods[0]!.options]).toEqual([[], { rank: 'NaN' }, { unheard: 'of' }]);
});
