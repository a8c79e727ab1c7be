import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with the line `N passed, N failed, N skipped`. A file or group that breaks outside of its tests counts as one failure. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      for (const group of [module, ...module.children.allSuites()]) {
        if (group.errors().length > 0) count.failed += 1;
      }
    }
    count.failed += unhandledErrors.length;
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
