import { findings } from './findings.ts';

postMessage(findings());
