import { describe, expect, test } from 'vitest';

import { commands, isCliSnippet, matches, snippets, unknownCommands } from './snippets.ts';

const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n`;

test('finds snippets and what they print', () => {
  const markdown = `# Title\n${fence('ts', 'a')}\n${fence('text', 'A')}\nprose\n${fence('json', '{}')}${fence('sh', 'b')}prose\n${fence('text', 'B')}`;
  expect(snippets(markdown)).toEqual([
    { language: 'ts', line: 2, code: 'a', output: 'A' },
    { language: 'sh', line: 14, code: 'b' },
  ]);
});

test('refuses an open fence', () => {
  expect(() => snippets('```ts\nlet a = 1;')).toThrow('never closed');
});

describe('output', () => {
  test.each([
    ['a\nb\n', 'a\nb'],
    ['value 1.25e-9 in 3 s', 'value … in … s'],
    ['a\nb\nc\nd', 'a\n…\nd'],
    ['a\nd', 'a\n…\nd'],
    ['a  \nb', 'a\nb'],
    ['f(x) [1]', 'f(x) [1]'],
  ])('%j is shown by %j', (actual, expected) => {
    expect(matches(actual, expected)).toBe(true);
  });

  test.each([
    ['a\nb', 'a'],
    ['a', 'a\nb'],
    ['ab', 'a.'],
    ['value\n1', 'value…1'],
    ['', 'a'],
  ])('%j is not shown by %j', (actual, expected) => {
    expect(matches(actual, expected)).toBe(false);
  });
});

test('reads commands', () => {
  expect(commands('# comment\nlowland solve \\\n  --rank 3   # why\n\npnpm test')).toEqual(['lowland solve --rank 3', 'pnpm test']);
});

test('tells what runs here from what runs elsewhere', () => {
  expect(isCliSnippet('printf "1" > a.csv\npnpm lowland list')).toBe(true);
  expect(isCliSnippet('npx --yes pnpm@12.21.0 lowland list')).toBe(true);
  expect(isCliSnippet('pnpm test')).toBe(false);
  expect(isCliSnippet('cat lowland.txt')).toBe(false);
  const scripts = { demo: '', 'test:full': '' };
  expect(unknownCommands('npx --yes pnpm@12.21.0 demo\npnpm test:full\npnpm run demo', scripts, [])).toEqual([]);
  expect(unknownCommands('pnpm other\nrm -r x', scripts, [/^rm /])).toEqual(['pnpm other']);
});
