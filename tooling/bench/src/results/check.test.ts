import { expect, test } from 'vitest';

import { check, passed } from './check.ts';
import { allFloors, noise, type Floor } from './floors.ts';
import type { Row } from './row.ts';
import { suites } from '../suites/suites.ts';
import { taskName } from '../tasks/task.ts';
import { contenderNamed } from '../contenders/contenders.ts';
import { takesPart } from '../contenders/contender.ts';

const floor: Floor = { task: 't', threads: 1, ours: 'us', rivals: ['a', 'b'], least: 2 };
const row = (contender: string, best: number, more: Partial<Row> = {}): Row => ({ task: 't', threads: 1, contender, status: 'measured', note: '', best, median: best, ...more });
const results = (rows: readonly Row[], floors: readonly Floor[] = [floor]) => check(rows, floors).map(({ result }) => result);

test.each([
  [2, 'met'],
  [2 * (1 - noise) + 1e-9, 'noise'],
  [2 * (1 - noise) - 1e-9, 'short'],
])('a ratio of %d against a floor of 2: %s', (time, expected) => {
  const verdicts = check([row('us', 1), row('a', time)], [floor]);
  expect(verdicts).toMatchObject([{ result: expected, rival: 'a', ratio: time }]);
  expect(passed(verdicts)).toBe(expected !== 'short');
});

test('the fastest of the rivals counts', () => {
  expect(check([row('us', 1), row('a', 9), row('b', 3)], [floor])).toMatchObject([{ rival: 'b', ratio: 3 }]);
});

test('a wrong value never counts, neither the fastest rival\'s nor ours', () => {
  expect(check([row('us', 1), row('a', 1, { status: 'wrong' }), row('b', 3)], [floor])).toMatchObject([{ rival: 'b', ratio: 3 }]);
  expect(results([row('us', 1, { status: 'wrong' }), row('a', 9)])).toEqual(['missing']);
});

test('without rivals or without us a floor is missing, and the check fails', () => {
  for (const rows of [[row('us', 1)], [row('a', 1)], [row('us', 1), row('c', 9)]]) {
    const verdicts = check(rows, [floor]);
    expect(verdicts).toMatchObject([{ result: 'missing' }]);
    expect(passed(verdicts)).toBe(false);
  }
});

test('floors of tasks and threads that did not run say nothing', () => {
  expect(results([row('us', 1, { threads: 2 }), row('a', 1, { threads: 2 })])).toEqual([]);
});

test('two threads may be held against one', () => {
  const scaling: Floor = { task: 't', threads: 2, ours: 'us', rivals: ['us'], rivalThreads: 1, least: 1.85 };
  const rows = (two: number) => [row('us', 2), row('us', two, { threads: 2 })];
  expect([...results(rows(1), [scaling]), ...results(rows(1.5), [scaling])]).toEqual(['met', 'short']);
});

test.each(allFloors.map((each) => [`${each.task}, ${each.threads}: ${each.ours} / ${each.rivals.join(', ')}`, each] as const))('of a task of some suite, and of contenders that take part in it: %s', (_, { task: name, threads, ours, rivals, rivalThreads = threads }) => {
  const items = Object.values(suites).flatMap(({ items: own }) => own);
  const item = items.find(({ task, threads: counts }) => taskName(task) === name && counts.includes(threads) && counts.includes(rivalThreads));
  const partners = [{ contender: ours, count: threads }, ...rivals.map((contender) => ({ contender, count: rivalThreads }))];
  expect(partners.filter(({ contender, count }) => item !== undefined && takesPart(contenderNamed(contender), item.task, count))).toEqual(partners);
});
