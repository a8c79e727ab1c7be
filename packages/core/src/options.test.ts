import { describe, expect, expectTypeOf, it } from 'vitest';
import { boolean, choice, integer, number, options, parseOptions, part, string, type Infer, type Schema } from './index.ts';

const fixed = { id: 'fixed', summary: 'The same step always.', options: options({ size: number({ above: 0, default: 0.1, summary: 'Step size.' }) }) } as const;
const armijo = { id: 'armijo', summary: 'Backtracking.', options: options({ shrink: number({ above: 0, below: 1, default: 0.5 }), trials: integer({ min: 1, max: 60, default: 30 }) }) } as const;

const schema = options({
  step: part([fixed, armijo], { default: 'armijo', summary: 'Step rule.' }),
  tolerance: number({ min: 0, summary: 'Stops below it.', unit: '1' }),
  memory: integer({ min: 1, default: 10 }),
  form: choice(['symmetric', 'asymmetric'], { default: 'symmetric' }),
  balance: boolean({ default: true }),
  label: string({}),
});

const defaults = { step: { id: 'armijo', options: { shrink: 0.5, trials: 30 } }, memory: 10, form: 'symmetric', balance: true };

/** The message of the refusal. */
function refusal(given: unknown): string {
  try {
    parseOptions(schema, given, 'optimizer "x"');
  } catch (error) {
    expect(error).toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
    return (error as Error).message;
  }
  return 'not refused';
}

describe('options', () => {
  it('fills in defaults; an option without one may be left out', () => {
    expect(parseOptions(schema, undefined, 'x')).toEqual(defaults);
    expect(parseOptions(schema, {}, 'x')).toEqual(defaults);
    expect(parseOptions(schema, { tolerance: 0, label: 'a', memory: undefined }, 'x')).toEqual({ ...defaults, tolerance: 0, label: 'a' });
  });

  it('takes a part by its id, or with its own options', () => {
    expect(parseOptions(schema, { step: 'fixed' }, 'x').step).toEqual({ id: 'fixed', options: { size: 0.1 } });
    expect(parseOptions(schema, { step: { id: 'armijo', options: { trials: 4 } } }, 'x').step).toEqual({ id: 'armijo', options: { shrink: 0.5, trials: 4 } });
  });

  it('parses what it has parsed to the same', () => {
    expect(parseOptions(schema, parseOptions(schema, { tolerance: 1 }, 'x'), 'x')).toEqual({ ...defaults, tolerance: 1 });
  });

  it.each([
    [{ memory: 0 }, 'Options of optimizer "x": memory: expected an integer >= 1, 0 was given.'],
    [{ memory: 1.5 }, 'Options of optimizer "x": memory: expected an integer >= 1, 1.5 was given.'],
    [{ memory: '7' }, 'Options of optimizer "x": memory: expected an integer >= 1, "7" was given.'],
    [{ tolerance: -1 }, 'Options of optimizer "x": tolerance: expected a finite number >= 0, -1 was given.'],
    [{ tolerance: Number.NaN }, 'Options of optimizer "x": tolerance: expected a finite number >= 0, NaN was given.'],
    [{ form: 'square' }, 'Options of optimizer "x": form: expected one of symmetric, asymmetric, "square" was given.'],
    [{ balance: 1 }, 'Options of optimizer "x": balance: expected true or false, 1 was given.'],
    [{ label: [] }, 'Options of optimizer "x": label: expected a text, a list was given.'],
    [{ memori: 3 }, 'Options of optimizer "x": memori: there is no option of that name (there are step, tolerance, memory, form, balance, label).'],
    [{ step: 'wolfe' }, 'Options of optimizer "x": step: expected one of fixed, armijo, "wolfe" was given.'],
    [{ step: { id: 'armijo', options: { shrink: 1 } } }, 'Options of optimizer "x": step: expected armijo with options where shrink: expected a finite number > 0 < 1, 1 was given, an object was given.'],
    [{ step: { id: 'fixed', size: 1 } }, 'Options of optimizer "x": step: expected { id, options } without "size", which may belong into its options, an object was given.'],
    [5, 'Options of optimizer "x": expected an object of options, 5 was given.'],
  ])('refuses %o and says why', (given, message) => {
    expect(refusal(given)).toBe(message);
  });

  it('names all that is wrong', () => {
    expect(refusal({ memory: 0, balance: 0 })).toMatch(/memory.*balance/);
  });

  it('gives a JSON Schema', () => {
    expect(schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' })).toEqual({
      type: 'object',
      additionalProperties: false,
      properties: {
        step: {
          oneOf: [
            {
              type: 'object',
              description: 'The same step always.',
              properties: { id: { const: 'fixed' }, options: { type: 'object', additionalProperties: false, properties: { size: { type: 'number', exclusiveMinimum: 0, default: 0.1, description: 'Step size.' } } } },
              required: ['id'],
              additionalProperties: false,
            },
            {
              type: 'object',
              description: 'Backtracking.',
              properties: {
                id: { const: 'armijo' },
                options: {
                  type: 'object',
                  additionalProperties: false,
                  properties: {
                    shrink: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5 },
                    trials: { type: 'integer', minimum: 1, maximum: 60, default: 30 },
                  },
                },
              },
              required: ['id'],
              additionalProperties: false,
            },
            { type: 'string', enum: ['fixed', 'armijo'] },
          ],
          default: { id: 'armijo', options: { shrink: 0.5, trials: 30 } },
          description: 'Step rule.',
        },
        tolerance: { type: 'number', minimum: 0, unit: '1', description: 'Stops below it.' },
        memory: { type: 'integer', minimum: 1, default: 10 },
        form: { type: 'string', enum: ['symmetric', 'asymmetric'], default: 'symmetric' },
        balance: { type: 'boolean', default: true },
        label: { type: 'string' },
      },
    });
    expect(schema['~standard'].jsonSchema?.output?.({ target: 'draft-2020-12' })).toMatchObject({ required: ['step', 'memory', 'form', 'balance'] });
  });

  it('looks at own properties alone', () => {
    const odd = options({ constructor: number({ default: 1 }), toString: string({}) });
    expect(Object.entries(parseOptions(odd, {}, 'x'))).toEqual([['constructor', 1]]);
    const polluting: unknown = JSON.parse('{ "__proto__": { "memory": 3 } }');
    expect(refusal(polluting)).toMatch(/__proto__: there is no option of that name/);
    expect(refusal({ step: { id: 'fixed', options: polluting } })).toMatch(/__proto__/);
    expect(({} as { memory?: number }).memory).toBeUndefined();
  });

  it('accepts schemas of other makers, but no asynchronous ones', () => {
    const foreign = (validate: Schema<number>['~standard']['validate']): Schema<number> => ({ '~standard': { version: 1, vendor: 'other', validate } });
    expect(parseOptions(foreign(() => ({ value: 3 })), {}, 'x')).toBe(3);
    expect(() => parseOptions(foreign(() => ({ issues: [{ message: 'no', path: ['a', 0] }] })), {}, 'x')).toThrow('Options of x: a.0: no.');
    expect(() => parseOptions(foreign(() => Promise.resolve({})), {}, 'x')).toThrow(/asynchronous/);
  });

  it('infers the type of the parsed options', () => {
    expectTypeOf<Infer<typeof schema>>().toEqualTypeOf<{
      readonly step: { readonly id: 'fixed'; readonly options: { readonly size: number } } | { readonly id: 'armijo'; readonly options: { readonly shrink: number; readonly trials: number } };
      readonly tolerance?: number;
      readonly memory: number;
      readonly form: 'symmetric' | 'asymmetric';
      readonly balance: boolean;
      readonly label?: string;
    }>();
  });
});
