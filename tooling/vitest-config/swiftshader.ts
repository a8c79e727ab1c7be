/** The GPU that tests run on: SwiftShader, the software driver that comes with Chromium, behind the system's Vulkan loader. */
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, env, platform } from 'node:process';

import { chromium } from './chromium.ts';

const driverFile = 'vk_swiftshader_icd.json';
const folders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser', '/opt/google/chrome'];
const loaders = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/usr/local/lib', `/usr/lib/${arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`];

/**
 * The environment in which WebGPU of Node.js finds SwiftShader and no other driver: that which LOWLAND_VULKAN_DRIVER names (the JSON file of
 * a Vulkan driver), else the one beside Chromium. Give it to tests as `env`: it must be there before Node.js asks for a GPU.
 *
 * @throws when there is none, or no loader for it, with what to install
 */
export function swiftshader(environment: Readonly<Record<string, string | undefined>> = env): Record<string, string> {
  const named = environment['LOWLAND_VULKAN_DRIVER'];
  if (named !== undefined && !isReadable(named)) throw new Error(`LOWLAND_VULKAN_DRIVER names ${named}, which cannot be read.`);
  const { executablePath = '' } = named === undefined ? chromium(environment) : {};
  const beside = executablePath === '' ? [] : [dirname(executablePath), dirname(realpathSync(executablePath))];
  const driver = named ?? [...beside, ...folders].map((folder) => join(folder, driverFile)).find(isReadable);
  if (driver === undefined) {
    throw new Error(`There is no ${driverFile} beside Chromium (${executablePath}), and GPU kernels are tested on the software driver that it names. Install Debian's chromium `
      + '("apt install chromium libvulkan1"), or name the file in LOWLAND_VULKAN_DRIVER.');
  }
  if (platform === 'linux' && !hasLoader(environment['LD_LIBRARY_PATH'])) {
    throw new Error('There is no libvulkan.so.1, through which WebGPU of Node.js finds its driver. Install it: "apt install libvulkan1", "dnf install vulkan-loader".');
  }
  // Mesa chooses among devices by this, and complains without it.
  return { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, NODEVICE_SELECT: '1' };
}

function hasLoader(path = ''): boolean {
  return [...path.split(':').filter((folder) => folder !== ''), ...loaders, ...configured()].some((folder) => isReadable(join(folder, 'libvulkan.so.1')));
}

/** Folders that the system's loader of libraries is told of. */
function configured(): string[] {
  try {
    return readdirSync('/etc/ld.so.conf.d').flatMap((file) => readFileSync(join('/etc/ld.so.conf.d', file), 'utf8').split('\n').filter((line) => line.startsWith('/')));
  } catch {
    return [];
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
