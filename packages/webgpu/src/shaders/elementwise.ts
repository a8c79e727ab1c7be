/** One number after another. Bound by memory: each number is read and written once, by threads side by side. */
import { shader } from '../runtime/shader.ts';
import { each } from './each.ts';

/** As words: numbers that are not finite or subnormal keep their bits. */
export const copy = shader('copy', { x: 'read u32', out: 'write u32' }, { begin: 'u32', n: 'u32', xAt: 'u32', outAt: 'u32' }, each('out[p.outAt + i] = x[p.xAt + i];'));

export const fill = shader('fill', { out: 'write u32' }, { begin: 'u32', n: 'u32', outAt: 'u32', bits: 'u32' }, each('out[p.outAt + i] = p.bits;'));

export const axpy = shader(
  'axpy',
  { x: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', xAt: 'u32', outAt: 'u32', alpha: 'f32' },
  each('out[p.outAt + i] = out[p.outAt + i] + p.alpha * x[p.xAt + i];'),
);

export const scal = shader('scal', { out: 'write f32' }, { begin: 'u32', n: 'u32', outAt: 'u32', alpha: 'f32' }, each('out[p.outAt + i] = p.alpha * out[p.outAt + i];'));

export const mul = shader(
  'mul',
  { x: 'read f32', y: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', xAt: 'u32', yAt: 'u32', outAt: 'u32' },
  each('out[p.outAt + i] = x[p.xAt + i] * y[p.yAt + i];'),
);

export const divideByRoot = shader(
  'divideByRoot',
  { x: 'read f32', y: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', xAt: 'u32', yAt: 'u32', outAt: 'u32', shift: 'f32' },
  each('out[p.outAt + i] = x[p.xAt + i] / (sqrt(y[p.yAt + i]) + p.shift);'),
);

/** <u[row[i], :], v[col[i], :]>. Bound by the memory of the rows. */
export const sddmm = shader(
  'sddmm',
  { row: 'read u32', col: 'read u32', u: 'read f32', v: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', r: 'u32', uAt: 'u32', vAt: 'u32', outAt: 'u32' },
  each(`let ui = p.uAt + row[i] * p.r;
    let vi = p.vAt + col[i] * p.r;
    var sum = 0.0;
    for (var j = 0u; j < p.r; j++) {
      sum += u[ui + j] * v[vi + j];
    }
    out[p.outAt + i] = sum;`),
);

/** <du[row[i], :], v[col[i], :]> + <u[row[i], :], dv[col[i], :]> */
export const sddmmPair = shader(
  'sddmmPair',
  { row: 'read u32', col: 'read u32', u: 'read f32', v: 'read f32', du: 'read f32', dv: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', r: 'u32', uAt: 'u32', vAt: 'u32', duAt: 'u32', dvAt: 'u32', outAt: 'u32' },
  each(`let ui = row[i] * p.r;
    let vi = col[i] * p.r;
    var sum = 0.0;
    for (var j = 0u; j < p.r; j++) {
      sum += du[p.duAt + ui + j] * v[p.vAt + vi + j] + u[p.uAt + ui + j] * dv[p.dvAt + vi + j];
    }
    out[p.outAt + i] = sum;`),
);

/**
 * out = S b, one number of it a thread: the entries of its row of S are order[pointers[i]] … in `values`, at the columns index[…].
 * No two threads add to one number, so the order of the sum is fixed. Bound by the memory of the rows of b.
 */
export const spmm = shader(
  'spmm',
  { pointers: 'read u32', order: 'read u32', index: 'read u32', values: 'read f32', b: 'read f32', out: 'write f32' },
  { begin: 'u32', n: 'u32', r: 'u32', valuesAt: 'u32', bAt: 'u32', outAt: 'u32' },
  each(`let row = i / p.r;
    let j = i % p.r;
    var sum = 0.0;
    for (var e = pointers[row]; e < pointers[row + 1u]; e++) {
      let entry = order[e];
      sum += values[p.valuesAt + entry] * b[p.bAt + index[entry] * p.r + j];
    }
    out[p.outAt + i] = sum;`),
);
