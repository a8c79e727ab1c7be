/**
 * The rows of the matrix: a tiny problem of every objective that is registered, one more for each value of each of its
 * choices, and what capabilities make of them (convex forms, fixed-rank manifolds).
 */
import { type AnyObjective, bind, type Capability, type DataForm, type DataMap, type Device, errorCode, layoutLength, type ObjectiveDefinition, parseOptions, type Registry } from '@lowland/core';

import { alternatives, isSwitch, optionSchemas } from './schema.ts';

export interface Row {
  /** `matrix-sensing`, `matrix-sensing, symmetric`, `convexForm(matrix-sensing)`. */
  readonly name: string;
  /** Of the plain problem, for all that are made of its definition. */
  readonly base: string;
  readonly objective: AnyObjective;
}

/** Settings by which data and objectives become small, under the names that definitions use. */
const small: Readonly<Record<string, number>> = { rows: 6, cols: 5, size: 5, inputs: 4, samples: 20, rank: 2, density: 0.5, blocks: 3, constraints: 4 };

/** More variables than this are not tiny. */
const mostVariables = 200;

type Definition = ObjectiveDefinition<unknown>;
type Settings = Readonly<Record<string, unknown>>;

/** One choice that differs from the defaults, in the options of the objective and in those of its data. */
interface Variant {
  readonly label: string;
  readonly options: Settings;
  readonly data: Settings;
}

/** @throws Error that says what to add where an entry cannot be made small */
export function rowsOf(registry: Registry, device: Device): readonly Row[] {
  return registry.all('objectives').flatMap((definition) => {
    const plain: Variant = { label: '', options: {}, data: {} };
    const own = [plain, ...variantsOf(definition)].map((variant) => rowOf(definition, variant));
    return own.flatMap((row) => [row, ...transformed(row, device)]);
  });
}

function variantsOf({ options, generate }: Definition): readonly Variant[] {
  const ofData = generate === undefined ? {} : optionSchemas(generate.options);
  const ofObjective = optionSchemas(options);
  const own = Object.entries(ofObjective).flatMap(([name, schema]) =>
    alternatives(schema).map((value): Variant => {
      // Symmetric problems want symmetric data, a loss may want data of its own.
      const same = ofData[name];
      const data = same === undefined ? {} : { [name]: isSwitch(same) ? Number(value) : value };
      return { label: labelOf(name, value), options: { [name]: value }, data };
    }),
  );
  const others = Object.entries(ofData).filter(([name]) => !(name in ofObjective));
  return [
    ...own,
    ...others.flatMap(([name, schema]) => (isSwitch(schema) ? [1] : alternatives(schema)).map((value): Variant => ({ label: labelOf(name, value === 1 ? true : value), options: {}, data: { [name]: value } }))),
  ];
}

const labelOf = (name: string, value: unknown): string => (value === true ? name : value === false ? `no ${name}` : `${name} ${String(value)}`);

function rowOf(definition: Definition, { label, options, data }: Variant): Row {
  const { id } = definition;
  const name = label === '' ? id : `${id}, ${label}`;
  const wrong = (what: string) => new Error(`${name} has no tiny instance: ${what}. Its generator takes small sizes under the names ${Object.keys(small).join(', ')}; tooling/catalogue/src/composition/rows.ts has the table.`);
  let objective: AnyObjective;
  try {
    const given = parseOptions(definition.options, { ...(needsRank(definition) && { rank: small['rank'] }), ...options }, id);
    objective = definition.create(given, dataOf(definition, data));
  } catch (cause) {
    throw Object.assign(wrong(cause instanceof Error ? cause.message : String(cause)), { cause });
  }
  const variables = layoutLength(objective.layout);
  if (variables > mostVariables) throw wrong(`it has ${String(variables)} variables`);
  return { name, base: id, objective };
}

function dataOf(definition: Definition, settings: Settings): DataMap[DataForm] {
  const { id, data, generate } = definition;
  if (data === 'none') return undefined;
  if (generate === undefined) throw new Error(`it takes data of the form "${data}" and generates none; give its definition a generator`);
  const [theirs, own] = [optionSchemas(generate.options), optionSchemas(definition.options)];
  // What the objective is asked for too keeps its default, but for the rank.
  const sizes = Object.entries(small).filter(([name]) => name in theirs && (name === 'rank' || !(name in own)));
  return generate.create(parseOptions(generate.options, { ...Object.fromEntries(sizes), ...settings }, id), 1).data;
}

const needsRank = ({ options }: Definition): boolean => {
  const rank = optionSchemas(options)['rank'];
  return rank !== undefined && !('default' in rank);
};

/** Capabilities that give an objective in another layout; `grow` gives the same one, wider. */
function transformed(row: Row, device: Device): readonly Row[] {
  const names = (Object.keys(row.objective.routes) as Capability[]).filter((name) => name !== 'grow');
  using binding = bind(row.objective, device, names);
  return names.flatMap((name) => {
    const value: unknown = binding.problem[name];
    if (typeof value !== 'object' || value === null || !('objective' in value) || typeof value.objective !== 'function') return [];
    try {
      return [{ name: `${name}(${row.name})`, base: `${name}(${row.base})`, objective: (value as { objective(): AnyObjective }).objective() }];
    } catch (error) {
      // Some forms are for some options only, and say so.
      if (errorCode(error) === 'LOWLAND_E_CAPABILITY') return [];
      throw error;
    }
  });
}
