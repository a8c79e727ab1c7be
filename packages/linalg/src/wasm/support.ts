/** What the engine can do: asked once, by compiling. A content-security policy may forbid WebAssembly where it exists. */
import { Assembly, v128, vector, type Body } from './asm.ts';

function compiles(write: (f: Body) => void): boolean {
  if (typeof WebAssembly !== 'object') return false;
  const asm = new Assembly();
  asm.func('probe', {}, (f) => {
    write(f);
    return undefined;
  });
  try {
    // Policies forbid compiling, not validating.
    return new WebAssembly.Module(asm.assemble()) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

const answers = new Map<string, boolean>();
const once = (name: string, ask: () => boolean): boolean => {
  const known = answers.get(name) ?? ask();
  answers.set(name, known);
  return known;
};

/** Fixed-width SIMD: Chrome 91, Firefox 89, Safari 16.4, Node 16. */
export const hasSimd = (): boolean => once('simd', () => compiles((f) => { f.local('v128', vector('f64').add(v128.zero, v128.zero)); }));

/** Relaxed SIMD: Chrome 114, Firefox 145, Node 22. */
export const hasRelaxedSimd = (): boolean => once('relaxed', () => compiles((f) => { f.local('v128', vector('f64').madd(v128.zero, v128.zero, v128.zero, true)); }));

/**
 * Whether loads stay where they are written. V8 before version 13 (Node.js 22) puts the loads of a run of code without branches before
 * its arithmetic, and has not the registers when the run is long. Other engines are taken for newer ones of V8.
 */
export const keepsOrder = (): boolean => {
  const { process } = globalThis as { process?: { versions?: { v8?: string } } };
  return !(Number.parseInt(process?.versions?.v8 ?? '', 10) < 13);
};
