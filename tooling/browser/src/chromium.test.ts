import { execPath } from 'node:process';

import { chromium } from '@lowland/vitest-config/chromium';
import { expect, test } from 'vitest';

test('names what to install, and a path that leads nowhere', () => {
  expect(() => chromium({ PATH: '/nowhere' })).toThrow(/apt install chromium/);
  expect(() => chromium({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow(/CHROMIUM_PATH names \/nowhere\/chromium/);
  expect(chromium({ CHROMIUM_PATH: execPath }).executablePath).toBe(execPath);
});
