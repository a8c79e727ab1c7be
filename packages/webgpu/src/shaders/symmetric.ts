/** What makes triangles of whole matrices and back, and products of two vectors. Bound by memory. */
import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';

/** out += alpha x y^T, y of `cols` numbers. */
export const outer = shader(
  'outer',
  { x: 'read f32', y: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', cols: 'u32', xAt: 'u32', yAt: 'u32', outAt: 'u32', alpha: 'f32' },
  each('out[p.outAt + i] = out[p.outAt + i] + p.alpha * x[p.xAt + i / p.cols] * y[p.yAt + i % p.cols];'),
);

/** out = alpha a + beta out where a is symmetric, `order` rows of it: of both the lower triangle is read, and its numbers written twice. */
export const mirror = shader(
  'mirror',
  { a: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', order: 'u32', outAt: 'u32', alpha: 'f32', beta: 'f32' },
  each(`let row = i / p.order;
    let col = i % p.order;
    if (col <= row) {
      var value = p.alpha * a[i];
      if (p.beta != 0.0) {
        value += p.beta * out[p.outAt + i];
      }
      out[p.outAt + i] = value;
      out[p.outAt + col * p.order + row] = value;
    }`),
);

/** out = the lower triangle of l, zero above; what `nan` holds everywhere where the number after l is 0: there is no factor. */
export const lower = shader(
  'lower',
  { l: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', order: 'u32', outAt: 'u32', nan: 'u32' },
  each(`var value = 0.0;
    if (i % p.order <= i / p.order) {
      value = l[i];
    }
    if (l[p.n] == 0.0) {
      value = bitcast<f32>(p.nan);
    }
    out[p.outAt + i] = value;`),
);
