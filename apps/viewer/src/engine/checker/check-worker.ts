/** A worker that holds the checker alone: nothing of what runs methods or makes certificates, and no plugin. It checks one certificate. */
import { checkCertificate } from '@lowland/landscape/checker';

import { faultOf } from '../fault.ts';
import type { Checked, Evidence } from './evidence.ts';

addEventListener(
  'message',
  ({ data: { document, data } }: MessageEvent<Evidence>) => {
    let checked: Checked;
    try {
      checked = { check: checkCertificate(document, data) };
    } catch (error) {
      checked = { fault: faultOf(error) };
    }
    postMessage(checked);
  },
  { once: true },
);
