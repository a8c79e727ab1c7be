import { readFile } from 'node:fs/promises';

import { usageError } from './flag.ts';
import type { Values } from './parse.ts';

/**
 * Settings from a JSON or TOML file, keyed by flag name. Tables nest parts of a method: `{ "step": { "id": "armijo",
 * "shrink": 0.5 } }` and the TOML table `[step]` are `--step armijo --step.shrink 0.5`.
 *
 * @throws LOWLAND_E_USAGE when the file cannot be read or parsed, or holds no table.
 */
export async function readConfig(path: string): Promise<{ readonly path: string; readonly values: Values }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw usageError(`The configuration file ${path} cannot be read: ${(cause as Error).message}.`, cause);
  }
  let content: unknown;
  try {
    content = path.endsWith('.toml') ? (await import('smol-toml')).parse(text) : JSON.parse(text);
  } catch (cause) {
    throw usageError(`The configuration file ${path} cannot be parsed: ${(cause as Error).message}`, cause);
  }
  if (!isTable(content)) throw usageError(`The configuration file ${path} holds no table of settings.`);
  return { path, values: flatten(content) };
}

const isTable = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function flatten(table: Record<string, unknown>, prefix = ''): Values {
  return Object.fromEntries(
    Object.entries(table).flatMap(([key, value]): [string, unknown][] => {
      const name = key === 'id' && prefix !== '' ? prefix.slice(0, -1) : prefix + key;
      return isTable(value) ? Object.entries(flatten(value, `${name}.`)) : [[name, value]];
    }),
  );
}
