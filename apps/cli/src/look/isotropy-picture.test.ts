import type { Isotropy } from '@lowland/landscape';
import { expect, it } from 'vitest';

import { isotropySvg } from './isotropy-picture.ts';

it('draws orbits that look the same once, so that many of them stay inside the frame', () => {
  const point = (value: number, orbit: number) => ({ value, orbit, reached: 1, inside: { index: 1 }, across: { index: 3 } });
  const points = [...Array.from({ length: 20 }, (_, k) => point(1, k)), point(2, 20)];
  const found = { group: 'O(2)', by: 'X X^T', orbits: points.map(({ value }) => ({ value })), subgroups: [{ name: 'column 1', dimension: 4, method: 'starts', complete: false, points }] };
  const text = isotropySvg(found as unknown as Isotropy, 'ring')!;
  expect(text.match(/<circle/g)).toHaveLength(2);
  expect(text).toContain('>1+3 ×20<');
  expect(text).toContain('>1+3<');
});
