#!/usr/bin/env node
import { exit } from './exit.ts';
import { main } from './main.ts';

// Output to a pipe whose reader has gone is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`lowland: the output cannot be written: ${error.message}\n`);
  process.exit(exit.unexpected);
});
// Nor is it a reason to give up a run that nobody watches its progress any more.
process.stderr.on('error', () => {});

process.exitCode = await main(process.argv.slice(2));
