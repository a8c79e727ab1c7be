import { choice, number, options, part } from '@lowland/core';
import { expect, test } from 'vitest';

import type { Flag } from './flag.ts';
import { flagsOf, optionValues, type Owner } from './option-flags.ts';
import { optionsOf, typeText } from './options.ts';
import { parse } from './parse.ts';

const armijo = { id: 'armijo', summary: 'backtracking', options: options({ shrink: number({ above: 0, below: 1, default: 0.5, summary: 'factor' }) }) };
const fixed = { id: 'fixed', summary: 'the same step', options: options({ length: number({ default: 0.1, summary: 'the step' }) }) };
const schema = options({
  step: part([armijo, fixed], { default: 'armijo', summary: 'how far' }),
  metric: choice(['euclidean', 'scaled'], { default: 'euclidean', summary: 'which gradient' }),
  damping: number({ min: 0, summary: 'none by default' }),
});
const owner: Owner = { group: 'Options of method', options: optionsOf(schema), flagName: (name) => (name === 'damping' ? 'optimizer.damping' : name) };

const names = (values: Record<string, unknown>): string[] => flagsOf(owner, values).map(({ name }) => name);

test('a schema becomes flags with their defaults, choices and bounds', () => {
  const flags = new Map(flagsOf(owner, {}).map((flag) => [flag.name, flag]));
  expect([...flags.keys()]).toEqual(['step', 'step.shrink', 'metric', 'optimizer.damping']);
  expect(flags.get('step')).toMatchObject({ fallback: 'armijo', summary: 'how far: armijo, fixed' });
  expect(flags.get('metric')).toMatchObject({ fallback: 'euclidean', summary: 'which gradient: euclidean, scaled' });
  expect(flags.get('step.shrink')).toMatchObject({ fallback: '0.5', placeholder: 'number' });
  expect(() => flags.get('metric')!.parse('other')).toThrow(/one of euclidean, scaled/);
  expect(() => flags.get('optimizer.damping')!.parse('-1')).toThrow(/at least 0/);
  expect(flags.get('optimizer.damping')!.parse('2e-3')).toBe(0.002);
});

test.each([
  [{ type: 'array', items: { type: 'number' } }, 'list of numbers'],
  [{ type: ['integer', 'array'], items: { type: 'integer' } }, 'integer or list of integers'],
  [{ type: 'array' }, 'list of values'],
  [{ type: 'object' }, 'JSON'],
  [{ enum: ['a', 'b'] }, 'a | b'],
])('what %j takes is said in words, and read as JSON', (json, words) => {
  const listed = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }), jsonSchema: { input: () => ({ properties: { given: json } }) } } } as const;
  const [option] = optionsOf(listed);
  expect(typeText(option!)).toBe(words);
  if (!('enum' in json)) expect(flagsOf({ ...owner, options: [option!] }, {})[0]!.parse('[3, 2]')).toEqual([3, 2]);
});

test('the options of a part are those of the part that is chosen', () => {
  expect(names({ step: 'fixed' })).toEqual(['step', 'step.length', 'metric', 'optimizer.damping']);
});

test.each([
  [{}, {}],
  [{ step: 'fixed', 'step.length': 3 }, { step: { id: 'fixed', options: { length: 3 } } }],
  [{ 'step.shrink': 0.25 }, { step: { id: 'armijo', options: { shrink: 0.25 } } }],
  [{ metric: 'scaled', 'optimizer.damping': 1, unrelated: 2 }, { metric: 'scaled', damping: 1 }],
])('%j are the options %j', (values, expected) => {
  expect(optionValues(owner, values)).toEqual(expected);
  expect(schema['~standard'].validate(optionValues(owner, values))).not.toHaveProperty('issues');
});

const flag = (name: string, extra: Partial<Flag> = {}): Flag => ({ name, placeholder: 'n', summary: '', group: 'All', parse: Number, ...extra });
const flags = [flag('rank'), flag('step.shrink'), flag('plugin', { repeats: true, parse: String }), { name: 'json', summary: '', group: 'All', parse: String }];
const text = { name: 'test', summary: '' };

test.each([
  [['--rank', '1'], { LOWLAND_RANK: '2' }, { rank: 3 }, { rank: 1 }],
  [[], { LOWLAND_RANK: '2' }, { rank: 3 }, { rank: 2 }],
  [[], { LOWLAND_RANK: '' }, { rank: 3 }, { rank: 3 }],
  [['--step.shrink=0.5', '--json'], {}, {}, { 'step.shrink': 0.5, json: true }],
  [[], { LOWLAND_STEP_SHRINK: '0.5', LOWLAND_JSON: '1' }, {}, { 'step.shrink': 0.5, json: true }],
  [[], { LOWLAND_JSON: '0' }, { json: true }, { json: false }],
  [['--plugin', 'a', '--plugin', 'b'], { LOWLAND_PLUGIN: 'c' }, {}, { plugin: ['a', 'b'] }],
  [[], {}, { plugin: ['a', 'b'] }, { plugin: ['a', 'b'] }],
])('flags %j, environment %j and file %j give %j', (argv, environment, values, expected) => {
  const parsed = parse(text, flags, { argv, environment, file: { path: 'c.json', values } });
  expect(parsed.values).toEqual(expected);
  expect(parse(text, flags, { argv: [], environment: {}, file: { path: 'again.json', values: parsed.given } }).values).toEqual(expected);
});

test.each([
  [{ rank: { of: 'what' } }, /c\.json: rank: expected a plain value/],
  [{ rnak: 1 }, /"rnak".*"rank"/],
])('the file %j is refused', (values, message) => {
  expect(() => parse(text, flags, { argv: [], environment: {}, file: { path: 'c.json', values } })).toThrow(message);
});

test('the options that a file gives a part are set aside where another part is chosen over it', () => {
  const owned = flagsOf(owner, { step: 'fixed' });
  const read = (argv: string[], values: Record<string, unknown>): unknown => parse(text, owned, { argv, environment: {}, file: { path: 'c.json', values } }).values;
  expect(read(['--step', 'fixed'], { step: 'armijo', 'step.shrink': 0.3 })).toEqual({ step: 'fixed' });
  expect(read(['--step', 'fixed'], { step: 'armijo', 'step.length': 9 })).toEqual({ step: 'fixed' });
  expect(read(['--step', 'fixed'], { step: 'fixed', 'step.length': 9 })).toEqual({ step: 'fixed', 'step.length': 9 });
  expect(() => read([], { step: 'fixed', 'step.shrink': 0.3 })).toThrow(/step\.shrink/);
});
