import { defaultPart, type OptionInfo } from '@lowland/core';
import { useId } from 'preact/hooks';

import type { Options } from '../model/composition.ts';
import { TypedInput } from './typed-input.tsx';

export interface OptionFieldProps {
  readonly option: OptionInfo;
  /** Undefined: not given. */
  readonly value: unknown;
  /** Undefined takes it back to the default. */
  readonly onChange: (value: unknown) => void;
}

/** One option, of whatever kind its schema says. What is left empty is at its default, which stands there faintly. */
export function OptionField({ option, value, onChange }: OptionFieldProps) {
  const id = useId();
  const { name, summary, required } = option;
  if (option.parts !== undefined) return <PartField option={option} value={value} onChange={onChange} />;
  const help = `${id}-help`;
  const common = { id, 'aria-describedby': help, title: summary };
  return (
    <div class="field" data-given={value !== undefined}>
      <label for={id}>
        {spaced(name)}
        {required && value === undefined && <span class="field-required"> required</span>}
      </label>
      <Control option={option} value={value} onChange={onChange} common={common} />
      <span class="field-help" id={help}>
        {summary}
      </span>
    </div>
  );
}

interface ControlProps extends OptionFieldProps {
  readonly common: { readonly id: string; readonly 'aria-describedby': string; readonly title: string };
}

function Control({ option: { kind, choices, fallback, least, most }, value, onChange, common }: ControlProps) {
  if (choices !== undefined) {
    return (
      <select {...common} value={value === undefined ? '' : textOf(value)} onChange={({ currentTarget }) => { onChange(currentTarget.value === '' ? undefined : currentTarget.value); }}>
        <option value="">{fallback === undefined ? '—' : `${textOf(fallback)} (default)`}</option>
        {choices.filter((choice) => choice !== fallback).map((choice) => <option key={choice} value={choice}>{choice}</option>)}
      </select>
    );
  }
  if (kind === 'boolean') {
    return <input {...common} type="checkbox" checked={(value ?? fallback) === true} onChange={({ currentTarget: { checked } }) => { onChange(checked === (fallback === true) ? undefined : checked); }} />;
  }
  if (kind === 'number' || kind === 'integer') {
    return (
      <TypedInput
        {...common}
        type="number"
        step={kind === 'integer' ? 1 : 'any'}
        {...(least === undefined ? {} : { min: least })}
        {...(most === undefined ? {} : { max: most })}
        placeholder={fallback === undefined ? '' : textOf(fallback)}
        value={value === undefined ? '' : textOf(value)}
        onCommit={(text) => { onChange(text === '' || Number.isNaN(Number(text)) ? undefined : Number(text)); }}
      />
    );
  }
  const json = kind !== 'string';
  return (
    <TypedInput
      {...common}
      type="text"
      spellcheck={false}
      placeholder={fallback === undefined ? '' : textOf(fallback)}
      value={value === undefined ? '' : textOf(value)}
      onCommit={(text) => { onChange(text.trim() === '' ? undefined : json ? fromJson(text) : text); }}
    />
  );
}

/** A part: one of several, each with options of its own. */
function PartField({ option: { name, summary, parts = [], fallback }, value, onChange }: OptionFieldProps) {
  const id = useId();
  const usual = textOf(defaultPart(fallback) ?? '');
  const chosen = value === undefined ? usual : textOf(defaultPart(value));
  const part = parts.find((each) => each.id === chosen);
  const own = optionsIn(value);
  return (
    <div class="field field-part" data-given={value !== undefined}>
      <label for={id}>{spaced(name)}</label>
      <select id={id} title={summary} value={chosen} onChange={({ currentTarget: { value: next } }) => { onChange(next === usual ? undefined : { id: next, options: {} }); }}>
        {parts.map((each) => <option key={each.id} value={each.id}>{each.id === usual ? `${each.id} (default)` : each.id}</option>)}
      </select>
      <span class="field-help">{part?.summary ?? summary}</span>
      {part !== undefined && part.options.length > 0 && (
        <div class="field-inner">
          <OptionFields
            options={part.options}
            values={own}
            onChange={(options) => { onChange(Object.keys(options).length === 0 && chosen === usual ? undefined : { id: chosen, options }); }}
          />
        </div>
      )}
    </div>
  );
}

export interface OptionFieldsProps {
  readonly options: readonly OptionInfo[];
  readonly values: Options;
  readonly onChange: (values: Options) => void;
}

export function OptionFields({ options, values, onChange }: OptionFieldsProps) {
  return (
    <div class="fields">
      {options.map((option) => (
        <OptionField
          key={option.name}
          option={option}
          value={values[option.name]}
          onChange={(value) => {
            const { [option.name]: _, ...rest } = values;
            onChange(value === undefined ? rest : inOrder(options, { ...rest, [option.name]: value }));
          }}
        />
      ))}
    </div>
  );
}

/** As the schema lists them, so that addresses do not depend on the order of clicks. */
function inOrder(options: readonly OptionInfo[], values: Options): Options {
  return Object.fromEntries([...options.map(({ name }) => name), ...Object.keys(values)].filter((name) => name in values).map((name) => [name, values[name]]));
}

function optionsIn(value: unknown): Options {
  return typeof value === 'object' && value !== null && 'options' in value ? (value.options as Options) : {};
}

/** `gradientTolerance` → `gradient tolerance` */
export const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What is no JSON stays a text; the schema then says what was expected. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
