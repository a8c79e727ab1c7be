import { PlainWorkspace } from '../src/factor/plain-workspace.ts';
import { WasmWorkspace } from '../src/factor/wasm-workspace.ts';
import type { Workspace } from '../src/factor/workspace.ts';
import { Arena } from '../src/wasm/arena.ts';
import { Library } from '../src/wasm/library.ts';
import { gaussian } from './fixtures.ts';

export const arena = new Arena(2 ** 28);
export const fast = new WasmWorkspace(arena, new Library(arena, 'f64', false));

/** What `use` makes of the same random numbers on the heap and in the arena. */
export function both(length: number, seed: number, use: (workspace: Workspace, at: number) => void): [Float64Array, Float64Array] {
  const given = gaussian(1, length, seed).data;
  const run = (workspace: Workspace) => workspace.scope(() => {
    const at = workspace.take(length);
    workspace.data.set(given, at);
    use(workspace, at);
    return workspace.data.slice(at, at + length);
  });
  return [run(new PlainWorkspace()), run(fast)];
}
