import { useId } from 'preact/hooks';

import type { Catalogue, Prospect } from '../engine/protocol.ts';
import { type Composition, defaultLimits, mostMethods } from '../model/composition.ts';
import { graphicsLack } from '../model/graphics.ts';
import type { Model } from '../model/model.ts';
import { ChosenField } from './chosen-field.tsx';
import { DataField } from './data-field.tsx';
import { OptionField } from './option-field.tsx';

export interface ComposeFormProps {
  readonly model: Model;
  readonly catalogue: Catalogue;
}

/** The problem, the methods and the limits: forms made from the schemas of whatever is loaded. */
export function ComposeForm({ model, catalogue }: ComposeFormProps) {
  const composition = model.composition.value;
  const prospect = model.prospect.value.answer;
  const objective = catalogue.objectives.find(({ id }) => id === composition.objective.id);
  const compose = (part: Partial<Composition>): void => { model.compose(part); };
  return (
    <form class="compose" aria-label="Compose" onSubmit={(event) => { event.preventDefault(); }}>
      <Group title="Problem">
        <ChosenField
          label="Objective"
          entries={catalogue.objectives}
          chosen={composition.objective}
          onChange={(chosen) => {
            if (chosen.id === composition.objective.id) compose({ objective: chosen });
            else model.choose(chosen);
          }}
          open
        />
        {objective !== undefined && objective.data !== 'none' && <DataField model={model} objective={objective} />}
      </Group>
      <Methods model={model} catalogue={catalogue} />
      <Group title="Start">
        <div class="field">
          <NumberField label="Seed" value={composition.seed} least={0} integer onChange={(seed) => { compose({ seed: seed ?? 0 }); }} />
        </div>
        <StartField model={model} catalogue={catalogue} />
      </Group>
      <Group title="Limits">
        <div class="fields">
          <NumberField label="Iterations" value={composition.limits.iterations} least={0} integer onChange={(iterations) => { compose({ limits: { ...composition.limits, iterations: iterations ?? defaultLimits.iterations } }); }} />
          <NumberField label="Seconds" value={composition.limits.seconds} placeholder="none" least={0} onChange={(seconds) => { compose({ limits: { ...composition.limits, seconds } }); }} />
          <NumberField label="Gradient tolerance" value={composition.limits.gradientTolerance} placeholder="1e-8" least={0} onChange={(gradientTolerance) => { compose({ limits: { ...composition.limits, gradientTolerance } }); }} />
          <NumberField label="Patience, in seconds" value={composition.limits.patience} least={0.5} onChange={(given) => { compose({ limits: { ...composition.limits, patience: given ?? defaultLimits.patience } }); }} />
        </div>
      </Group>
      <Group title="Watch">
        <div class="ticks">
          {catalogue.trackers.map(({ id, summary }) => {
            const why = prospect?.trackers[id] ?? null;
            const on = composition.track.includes(id);
            return (
              <label key={id} title={why ?? summary} data-refused={why !== null}>
                <input
                  type="checkbox"
                  checked={on}
                  disabled={why !== null && !on}
                  onChange={({ currentTarget: { checked } }) => { compose({ track: checked ? [...composition.track, id] : composition.track.filter((other) => other !== id) }); }}
                />
                {id}
              </label>
            );
          })}
        </div>
      </Group>
      <Group title="Backend">
        <BackendField model={model} catalogue={catalogue} />
      </Group>
    </form>
  );
}

function Methods({ model, catalogue }: ComposeFormProps) {
  const { methods } = model.composition.value;
  const prospect = model.prospect.value.answer;
  const set = (next: Composition['methods']): void => { model.compose({ methods: next }); };
  return (
    <Group title="Methods, on the same start">
      {methods.map((method, k) => (
        <div class="method" key={k} data-run={k + 1}>
          <ChosenField label={`Method ${k + 1}`} entries={catalogue.optimizers} chosen={method} fits={prospect?.optimizers} onChange={(chosen) => { set(methods.map((each, j) => (j === k ? chosen : each))); }} open={Object.keys(method.options).length > 0} />
          {refusalOf(prospect?.plans[k]) !== null && (
            <p class="fault" role="status">
              It cannot run here: {refusalOf(prospect?.plans[k])}
            </p>
          )}
          {methods.length > 1 && (
            <button type="button" class="quiet" aria-label={`Remove method ${k + 1}`} onClick={() => { set(methods.filter((_, j) => j !== k)); }}>
              Remove
            </button>
          )}
        </div>
      ))}
      {methods.length < mostMethods && (
        <button type="button" onClick={() => { set([...methods, { id: nextMethod(methods.map(({ id }) => id)), options: {} }]); }}>
          Add a method
        </button>
      )}
    </Group>
  );
}

function refusalOf(plan: Prospect['plans'][number] | undefined): string | null {
  if (plan === undefined) return null;
  if (!('ok' in plan)) return plan.message;
  return plan.ok ? null : plan.refusals.map(({ message }) => message).join(' ');
}

const nextMethod = (used: readonly string[]): string => ['lbfgs', 'gradient-descent', 'trust-region', 'heavy-ball', 'nesterov', 'adam'].find((id) => !used.includes(id)) ?? 'gradient-descent';

function StartField({ model, catalogue }: ComposeFormProps) {
  const { init } = model.composition.value;
  const id = useId();
  const fits = model.prospect.value.answer?.initializers;
  if (init !== null) {
    return (
      <div>
        <ChosenField label="Start from" entries={catalogue.initializers} chosen={init} fits={fits} onChange={(chosen) => { model.compose({ init: chosen }); }} open />
        <button type="button" class="quiet" onClick={() => { model.compose({ init: null }); }}>
          Let the objective make the start
        </button>
      </div>
    );
  }
  return (
    <div class="field">
      <label for={id}>Start from</label>
      <select id={id} value="" onChange={({ currentTarget: { value } }) => { if (value !== '') model.compose({ init: { id: value, options: {} } }); }}>
        <option value="">what the objective makes</option>
        {catalogue.initializers.map((entry) => (
          <option key={entry.id} value={entry.id} disabled={typeof fits?.[entry.id] === 'string'} title={fits?.[entry.id] ?? entry.summary}>
            {entry.id}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What computes. A GPU that is not there stays in the list, with the reason. */
function BackendField({ model, catalogue }: ComposeFormProps) {
  const { backend } = model.composition.value;
  const lack = graphicsLack.value;
  return (
    <>
      <ChosenField label="Backend" entries={catalogue.backends} chosen={backend} fits={{ webgpu: lack ?? null }} onChange={(chosen) => { model.compose({ backend: chosen }); }} />
      {typeof lack === 'string' && <p class={backend.id === 'webgpu' ? 'fault' : 'chosen-note'} role="status">No GPU is offered. {lack}</p>}
      {lack === null && backend.id === 'webgpu' && <p class="chosen-note">The run computes on the GPU in f32. What is said of its last point, the verdict before all, is computed on the cpu in f64.</p>}
    </>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number | null;
  readonly least: number;
  readonly integer?: boolean;
  readonly placeholder?: string;
  readonly onChange: (value: number | null) => void;
}

function NumberField({ label, value, least, integer = false, placeholder, onChange }: NumberFieldProps) {
  return (
    <OptionField
      option={{ name: label, kind: integer ? 'integer' : 'number', summary: '', required: false, least, ...(placeholder !== undefined && { fallback: placeholder }) }}
      value={value ?? undefined}
      onChange={(given) => { onChange(typeof given === 'number' && given >= least ? given : null); }}
    />
  );
}

function Group({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) {
  return (
    <fieldset class="group">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}
