import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with what stderr holds so far, whenever it grows. */
  readonly watch?: (stderr: string, child: ChildProcess) => void;
  /** Asked every few milliseconds; where it says so, Ctrl-C is pressed. */
  readonly interruptWhen?: () => boolean;
  /** Closes our end of stderr before anything is read from it. */
  readonly deaf?: boolean;
}

/** Runs the command line from its sources, as `pnpm lowland` does. */
export function lowland(args: readonly string[], { cwd, env = {}, watch, interruptWhen, deaf = false }: Options = {}): Promise<Ended> {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LOWLAND_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS)/.test(name)));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@lowland/source', cli, ...args], { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.stderr += chunk;
      watch?.(text.stderr, child);
    });
    if (deaf) child.stderr.destroy();
    child.on('error', reject);
    const timer = interruptWhen && setInterval(() => interruptWhen() && child.kill('SIGINT'), 5);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      resolve({ code, signal, ...text });
    });
  });
}

/** A new folder with these files in it. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'lowland-cli-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

/** A planted 12 x 9 matrix of rank 2 as triplets with string ids; every cell with (7 i + 5 j) mod 10 < 8 is observed. */
export function plantedTriplets(): string {
  const lines = ['user,item,rating'];
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < 9; j++) {
      if ((7 * i + 5 * j) % 10 < 8) lines.push(`u${i},m${j},${plantedValue(i, j)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export const plantedValue = (i: number, j: number): number => ((i % 4) - 1.5) * ((j % 3) + 0.5) + ((i % 3) - 1) * ((j % 5) - 2);
