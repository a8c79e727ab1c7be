import { execPath } from 'node:process';

import { swiftshader } from '@lowland/vitest-config/swiftshader';
import { expect, test } from 'vitest';

test('names what to install, and a driver that leads nowhere', () => {
  expect(() => swiftshader({ PATH: '/nowhere' })).toThrow(/apt install chromium/);
  expect(() => swiftshader({ LOWLAND_VULKAN_DRIVER: '/nowhere/driver.json' })).toThrow(/LOWLAND_VULKAN_DRIVER names \/nowhere\/driver\.json/);
  // any file that can be read: the loader of Vulkan judges it
  expect(swiftshader({ LOWLAND_VULKAN_DRIVER: execPath })).toMatchObject({ VK_DRIVER_FILES: execPath });
});

test('finds the driver beside Chromium', () => {
  expect(swiftshader()['VK_DRIVER_FILES']).toMatch(process.env['LOWLAND_VULKAN_DRIVER'] === undefined ? /vk_swiftshader_icd\.json$/ : /./);
});
