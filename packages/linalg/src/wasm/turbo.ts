/**
 * Turbo: V8 merges pairs of 128-bit operations of the kernels into 256-bit ones (`--experimental-wasm-revectorize`), which doubles
 * the speed of products on x86-64 with AVX2.
 *
 * Experimental, as the flag is: it holds for the whole process, and engines may change it. So it is never on by itself, and the kernels
 * are compared with the plain ones before it stays on.
 */
import { type Dtype, LowlandError, type Memory } from '@lowland/core';

import { PlainDevice } from '../cpu/device.ts';
import { tridiagonalVectors } from '../factor/divide-and-conquer.ts';
import { PlainWorkspace } from '../factor/plain-workspace.ts';
import { applyReflections, tridiagonalize } from '../factor/tridiagonalize.ts';
import { WasmWorkspace } from '../factor/wasm-workspace.ts';
import type { Workspace } from '../factor/workspace.ts';
import { Arena } from './arena.ts';
import { WasmDevice } from './device.ts';
import { wasmKernels } from './kernels.ts';
import { forgetModules, Library } from './library.ts';
import { hasSimd } from './support.ts';

const flag = 'experimental-wasm-revectorize';

interface V8 {
  setFlagsFromString(flags: string): void;
}

/** Node's `v8` module, where this is Node, found without an import that browsers and bundlers would see. */
function v8(): V8 | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown; versions?: { node?: string } } };
  return process?.versions?.node === undefined ? undefined : (process.getBuiltinModule?.('node:v8') as V8 | undefined);
}

/** The engine's answer to an unknown flag goes to stderr and nowhere else, so the version is asked: Node 22 takes the flag without effect. */
function supported(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string }; arch?: string } };
  const major = Number.parseInt(process?.versions?.node ?? '0', 10);
  return hasSimd() && major >= 24 && process?.arch === 'x64';
}

/**
 * Switches turbo on for devices opened from now on; opened ones keep their kernels.
 *
 * @returns false where it cannot help: not Node 24 or newer on x86-64, or no WebAssembly
 * @throws LOWLAND_E_TURBO when the kernels then give other results than the plain ones; it is off again, and nothing else has changed
 */
export function enableTurbo(): boolean {
  const engine = v8();
  if (engine === undefined || !supported()) return false;
  engine.setFlagsFromString(`--${flag}`);
  forgetModules('turbo');
  try {
    for (const dtype of ['f64', 'f32'] as const) selfCheck(dtype);
  } catch (error) {
    engine.setFlagsFromString(`--no-${flag}`);
    forgetModules('');
    throw error;
  }
  return true;
}

/** How long results are compared: the engine's optimising compiler, whose work is to be seen, has had its turn by then. */
const checkSeconds = 0.15;

/** Products of all tile shapes, sums, a fused kernel and an eigenproblem, against the plain kernels. */
function selfCheck(dtype: Dtype): void {
  const arena = new Arena(2 ** 24);
  const library = new Library(arena, dtype, false);
  const fast = new WasmDevice(arena, dtype, wasmKernels(arena, library, dtype));
  const plain = new PlainDevice(dtype);
  // In f64 both add in the same order: the bits agree. The plain f32 kernels add in f64.
  const tolerance = dtype === 'f64' ? 0 : 1e-4;
  const shapes: readonly (readonly [m: number, n: number, k: number])[] = [[37, 61, 43], [64, 10, 96], [96, 2, 40], [13, 5, 130]];
  const expected = shapes.map((shape) => exercise(plain, shape));
  const compare = (found: Float64Array, wanted: Float64Array) => {
    found.forEach((x, i) => {
      const y = wanted[i]!;
      if (Math.abs(x - y) <= tolerance * (1 + Math.abs(y))) return;
      throw new LowlandError('LOWLAND_E_TURBO', `With ${flag} the ${dtype} kernels give ${x} for ${y}: turbo stays off on this engine.`);
    });
  };
  const factorisations = dtype === 'f64' ? { workspace: new WasmWorkspace(arena, library), expected: eigenvectors(new PlainWorkspace()) } : undefined;
  const end = performance.now() + 1000 * checkSeconds;
  do {
    shapes.forEach((shape, s) => { compare(exercise(fast, shape), expected[s]!); });
    if (factorisations !== undefined) compare(eigenvectors(factorisations.workspace), factorisations.expected);
  } while (performance.now() < end);
  fast[Symbol.dispose]();
}

/** Of a fixed matrix: reductions, rotations, secular equations, reflections. */
function eigenvectors(w: Workspace): Float64Array {
  const n = 61;
  return w.scope(() => {
    const [a, z, d] = [w.take(n * n), w.take(n * n), w.take(3 * n)];
    for (let i = 0; i < n * n; i++) w.data[a + i] = ((i * 37) % 101) / 64 - 0.75;
    tridiagonalize(w, n, a, d, d + n, d + 2 * n);
    tridiagonalVectors(w, n, d, d + n, z);
    applyReflections(w, n, a, d + 2 * n, n, z);
    return w.data.slice(z, z + n * n);
  });
}

function exercise(device: PlainDevice | WasmDevice, shape: readonly [number, number, number]): Float64Array {
  // try and finally, not `using`: the sources also run on Node.js 22 as they are.
  const memory = device.memory();
  try {
    return exerciseIn(memory, device, shape);
  } finally {
    memory[Symbol.dispose]();
  }
}

function exerciseIn(memory: Memory, device: PlainDevice | WasmDevice, [m, n, k]: readonly [number, number, number]): Float64Array {
  const matrix = (rows: number, cols: number) => {
    const vector = memory.vector(rows * cols);
    device.write(vector, Float64Array.from({ length: rows * cols }, (_, i) => ((i * 37) % 101) / 64 - 0.75));
    return device.matrix(vector, 0, rows, cols);
  };
  const [a, b, c, result] = [matrix(m, k), matrix(k, n), matrix(m, n), memory.vector(m * n)];
  device.kernels.gemm('N', 'N', 0.5, a, b, 0, c);
  device.kernels.dot(a, a, result);
  device.kernels.axpy(1.5, c, result);
  const [v, left, right] = [matrix(n, k), matrix(m, k), matrix(n, k)];
  device.kernels.residualProducts!(c, a, v, 2 ** -8, v, left, a, right, result, 1);
  return Float64Array.of(...device.read(result), ...device.read(left), ...device.read(right));
}
