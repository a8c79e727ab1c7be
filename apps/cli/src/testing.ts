/** What tests of commands share. */
import { vi } from 'vitest';

import { main } from './main.ts';

/** Runs `lowland` with these arguments in this process: its exit code, and what it said. */
export async function call(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) => vi.spyOn(process[name], 'write').mockImplementation((text) => ((said[name] += String(text)), true)));
  try {
    const code = await main(argv);
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
