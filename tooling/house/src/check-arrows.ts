/** Fails when a package imports, or depends on, what the arrows of the workspace forbid. */
import { arrowViolations, readPackages } from './arrows.ts';

const violations = arrowViolations(readPackages('.'));
for (const violation of violations) console.error(violation);
process.exitCode = violations.length > 0 ? 1 : 0;
