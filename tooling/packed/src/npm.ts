import { execFile, execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const root = resolve(import.meta.dirname, '../../..');

const outsidePath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.startsWith(root));

/**
 * The environment of someone who has never heard of this workspace: nothing of its pnpm, turbo and vitest, and of its binaries only
 * node. What configures npm stays; npm would look for its global configuration beside that node, so it is told where it is.
 */
const environment: Record<string, string | undefined> = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|npm_config_(user_agent|.*prefix|globalconfig)$|pnpm_|NODE_PATH$|NODE_OPTIONS$|VITEST|TURBO)/i.test(name)),
  ),
  PATH: outsidePath.join(delimiter),
};
environment['npm_config_globalconfig'] = execFileSync('npm', ['config', 'get', 'globalconfig'], { cwd: tmpdir(), env: environment, encoding: 'utf8' }).trim();
environment['PATH'] = [dirname(process.execPath), ...outsidePath].join(delimiter);

/** Runs a command in `cwd` and gives what it printed. A failure shows all output. */
export async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { cwd, env: { ...environment, NO_COLOR: '1' }, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Packs every published package of the workspace, as built, into `folder`; the tarballs are named like `lowland-core.tgz`. */
export async function packAll(folder: string): Promise<string[]> {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };
  const tarballs: string[] = [];
  for (const manifest of globSync('{packages,apps}/*/package.json', { cwd: root }).sort()) {
    const { name, private: isPrivate } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as { name: string; private?: boolean };
    if (isPrivate === true) continue;
    const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}.tgz`);
    await run(join(root, dirname(manifest)), 'npx', '--yes', '--prefer-offline', packageManager, 'pack', '--out', tarball);
    tarballs.push(tarball);
  }
  return tarballs;
}
