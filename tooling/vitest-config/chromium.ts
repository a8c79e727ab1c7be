/** The Chromium that tests run in: the system's, found by name, never downloaded. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, getuid } from 'node:process';

import type { LaunchOptions } from 'playwright';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const macApplications = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/**
 * How to start it, with the garbage collector within reach of tests: the file that CHROMIUM_PATH names, else the first of its usual
 * names on the PATH.
 *
 * @throws when there is none, with what to install
 */
export function chromium(environment: Readonly<Record<string, string | undefined>> = env): LaunchOptions {
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const usual = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...macApplications].find(isExecutable);
  const { CHROMIUM_PATH: named } = environment;
  if (named !== undefined && !isExecutable(named)) throw new Error(`CHROMIUM_PATH names ${named}, which is no program.`);
  const executablePath = named ?? usual;
  if (executablePath === undefined) {
    throw new Error('There is no Chromium on the PATH, and pages are tested in a browser. Install one ("apt install chromium", '
      + '"dnf install chromium", "brew install --cask chromium"), or name its program in CHROMIUM_PATH.');
  }
  // Its sandbox refuses to run for root, as which containers run.
  const sandbox = getuid?.() === 0 ? ['--no-sandbox'] : [];
  const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return { executablePath, args: [...sandbox, ...offline, '--disable-gpu', '--disable-dev-shm-usage', '--js-flags=--expose-gc'] };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
