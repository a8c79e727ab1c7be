/** How a device rounds: small computations whose results tell. */
import { shader } from '../runtime/shader.ts';

/**
 * For pairs (a, b), eight numbers each: two-sum plainly and with every rounding made opaque, Dekker's product both ways, the error of a b by
 * fma, and a b + c. `zero` is 0, which the compiler does not know: x ^ zero keeps it from reordering what stands on both sides.
 */
export const numerics = shader(
  'numerics',
  { pairs: 'read f32', out: 'write f32' },
  { n: 'u32', zero: 'u32' },
  `
fn opaque(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ p.zero);
}

fn sumError(a: f32, b: f32) -> f32 {
  let s = a + b;
  let bb = s - a;
  return (a - (s - bb)) + (b - bb);
}

fn opaqueSumError(a: f32, b: f32) -> f32 {
  let s = opaque(a + b);
  let bb = opaque(s - a);
  return opaque(opaque(a - opaque(s - bb)) + opaque(b - bb));
}

fn productError(a: f32, b: f32) -> f32 {
  let product = a * b;
  let ca = 4097.0 * a;
  let ah = ca - (ca - a);
  let al = a - ah;
  let cb = 4097.0 * b;
  let bh = cb - (cb - b);
  let bl = b - bh;
  return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
}

fn opaqueProductError(a: f32, b: f32) -> f32 {
  let product = opaque(a * b);
  let ca = opaque(4097.0 * a);
  let ah = opaque(ca - opaque(ca - a));
  let al = opaque(a - ah);
  let cb = opaque(4097.0 * b);
  let bh = opaque(cb - opaque(cb - b));
  let bl = opaque(b - bh);
  let e0 = opaque(opaque(ah * bh) - product);
  let e1 = opaque(e0 + opaque(ah * bl));
  let e2 = opaque(e1 + opaque(al * bh));
  return opaque(e2 + opaque(al * bl));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.n) {
    return;
  }
  let a = pairs[2u * i];
  let b = pairs[2u * i + 1u];
  out[8u * i] = sumError(a, b);
  out[8u * i + 1u] = opaqueSumError(a, b);
  out[8u * i + 2u] = productError(a, b);
  out[8u * i + 3u] = opaqueProductError(a, b);
  out[8u * i + 4u] = fma(a, b, -opaque(a * b));
  out[8u * i + 5u] = a * b + a;
  out[8u * i + 6u] = a / b;
  out[8u * i + 7u] = sqrt(abs(a));
}`,
);

/** What happens to numbers at the edges: out = 2 x as f32, and whether x != x. */
export const edges = shader(
  'edges',
  { x: 'read f32', out: 'write u32' },
  { n: 'u32' },
  `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.n) {
    return;
  }
  let value = x[i];
  out[2u * i] = bitcast<u32>(2.0 * value);
  out[2u * i + 1u] = select(0u, 1u, value != value);
}`,
);
