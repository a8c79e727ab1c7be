/**
 * Problems of every objective that is registered, of given sizes: one with its defaults, one more for each value of each of its
 * choices, and what capabilities make of them (convex forms, fixed-rank manifolds). Tiny, they are the rows of the matrix.
 */
import { type AnyObjective, bind, type Capability, type DataForm, type DataMap, type Device, errorCode, type ObjectiveDefinition, parseOptions, type Registry } from '@lowland/core';

import { alternatives, isSwitch, optionSchemas } from './schema.ts';

export interface Row {
  /** `matrix-sensing`, `matrix-sensing, symmetric`, `convexForm(matrix-sensing)`. */
  readonly name: string;
  /** Of the plain problem, for all that are made of its definition. */
  readonly base: string;
  readonly objective: AnyObjective;
}

/** Sizes of data and objectives, under the names that definitions use. */
export type Sizes = Readonly<Record<string, number>>;

/** Sizes of tiny problems. */
export const tiny: Sizes = { rows: 6, cols: 5, size: 5, inputs: 4, samples: 20, rank: 2, density: 0.5, blocks: 3, constraints: 4, dimension: 3 };

/** More variables than this are not tiny. */
export const mostTiny = 200;

type Definition = ObjectiveDefinition<unknown>;
type Settings = Readonly<Record<string, unknown>>;

/** One choice that differs from the defaults, in the options of the objective and in those of its data. */
interface Variant {
  readonly label: string;
  readonly options: Settings;
  readonly data: Settings;
}

/**
 * @param leftOut is told of choices that cannot be made of these sizes; without it they throw
 * @throws Error that says what to add where an entry cannot be made of these sizes
 */
export function rowsOf(registry: Registry, device: Device, sizes: Sizes, leftOut?: (why: string) => void): readonly Row[] {
  return registry.all('objectives').flatMap((definition) => {
    const plain = rowOf(definition, { label: '', options: {}, data: {} }, sizes);
    const others = variantsOf(definition).flatMap((variant) => {
      try {
        return [rowOf(definition, variant, sizes)];
      } catch (error) {
        if (leftOut === undefined) throw error;
        leftOut((error as Error).message);
        return [];
      }
    });
    return [plain, ...others].flatMap((row) => [row, ...transformed(row, device)]);
  });
}

function variantsOf({ options, generate }: Definition): readonly Variant[] {
  const ofData = generate === undefined ? {} : optionSchemas(generate.options);
  const ofObjective = optionSchemas(options);
  const own = Object.entries(ofObjective).flatMap(([name, schema]) =>
    alternatives(name, schema).map((value): Variant => {
      // Symmetric problems want symmetric data, a loss may want data of its own.
      const same = ofData[name];
      const data = same === undefined ? {} : { [name]: isSwitch(same) ? Number(value) : value };
      return { label: labelOf(name, value), options: { [name]: value }, data };
    }),
  );
  const others = Object.entries(ofData).filter(([name]) => !(name in ofObjective));
  return [
    ...own,
    ...others.flatMap(([name, schema]) => (isSwitch(schema) ? [1] : alternatives(name, schema)).map((value): Variant => ({ label: labelOf(name, value === 1 ? true : value), options: {}, data: { [name]: value } }))),
  ];
}

const labelOf = (name: string, value: unknown): string => (value === true ? name : value === false ? `no ${name}` : `${name} ${String(value)}`);

function rowOf(definition: Definition, { label, options, data }: Variant, sizes: Sizes): Row {
  const { id } = definition;
  const name = label === '' ? id : `${id}, ${label}`;
  const made = (of: Sizes): Row => {
    const given = parseOptions(definition.options, { ...ownSizes(definition, of), ...options }, id);
    return { name, base: id, objective: definition.create(given, dataOf(definition, data, of)) };
  };
  try {
    // A choice of the data may want them square, and says so by refusing others.
    return attempt(() => made(sizes)) ?? made({ ...sizes, cols: sizes['rows']! });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name} cannot be made small: ${why} Sizes go by the names ${Object.keys(sizes).join(', ')}: see tooling/catalogue/src/composition/rows.ts.`, { cause });
  }
}

/** Nothing where the sizes are refused. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Of the objective itself, where it makes its own data; else the rank, where it must have one. */
function ownSizes({ data, options }: Definition, sizes: Sizes): Settings {
  const own = optionSchemas(options);
  return Object.fromEntries(Object.entries(sizes).filter(([name]) => name in own && (name === 'rank' ? !('default' in own[name]!) : data === 'none')));
}

function dataOf(definition: Definition, settings: Settings, sizes: Sizes): DataMap[DataForm] {
  const { id, data, generate } = definition;
  if (data === 'none') return undefined;
  if (generate === undefined) throw new Error(`It takes data of the form "${data}" and generates none; give its definition a generator.`);
  const [theirs, own] = [optionSchemas(generate.options), optionSchemas(definition.options)];
  // What the objective is asked for too keeps its default, but for the rank.
  const given = Object.entries(sizes).filter(([name]) => name in theirs && (name === 'rank' || !(name in own)));
  return generate.create(parseOptions(generate.options, { ...Object.fromEntries(given), ...settings }, id), 1).data;
}

/** Capabilities that give an objective in another layout; `grow` gives the same one, wider. */
function transformed(row: Row, device: Device): readonly Row[] {
  const names = (Object.keys(row.objective.routes) as Capability[]).filter((name) => name !== 'grow');
  using binding = bind(row.objective, device, names);
  return names.flatMap((name) => {
    const value: unknown = binding.problem[name];
    if (typeof value !== 'object' || value === null || !('objective' in value) || typeof value.objective !== 'function') return [];
    return [{ name: `${name}(${row.name})`, base: `${name}(${row.base})`, objective: (value as { objective(): AnyObjective }).objective() }];
  });
}
