import { findings } from './findings.ts';

postMessage(await findings());
