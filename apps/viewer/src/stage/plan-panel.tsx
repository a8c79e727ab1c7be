import type { Plan } from '@lowland/core';

import type { Fault, Prospect } from '../engine/protocol.ts';
import type { Model } from '../model/model.ts';
import { labelOf } from '../model/label.ts';
import type { Cell, Table } from '../panels/export/table.ts';
import { Panel } from '../panels/frame/panel.tsx';
import { counted } from '../panels/words/count.ts';
import { type Said, written } from '../panels/words/draw-words.ts';

/** How objective, methods and backend would work together: by which routes, with how much memory, or why not. */
export function PlanPanel({ model }: { readonly model: Model }) {
  const { answer, fault, busy } = model.prospect.value;
  const labels = model.composition.value.methods.map(labelOf);
  return (
    <Panel
      title="Plan"
      file="plan"
      saved={answer && written(saidOf(answer, labels))}
      table={() => tableOf(answer, labels)}
      empty={fault === null ? 'Asking what would run …' : <p class="fault" role="alert">{fault}</p>}
    >
      {answer !== null && (
        <div class="plan" aria-busy={busy}>
          {fault !== null && <p class="fault" role="alert">{fault}</p>}
          <p class="plan-layout">{variablesOf(answer)}</p>
          {answer.plans.map((plan, k) => (
            <article key={k} data-run={(k % 8) + 1} class="plan-method">
              <h4>
                <span class="dot" aria-hidden="true" /> {labels[k] ?? ''}
              </h4>
              {'ok' in plan ? <PlanWords plan={plan} /> : <Refused reasons={[plan]} />}
            </article>
          ))}
        </div>
      )}
    </Panel>
  );
}

function PlanWords({ plan }: { readonly plan: Plan }) {
  const { ok, refusals, warnings, capabilities } = plan;
  return (
    <>
      {!ok && <Refused reasons={refusals} />}
      {ok && <p>{runsIn(plan)}</p>}
      {warnings.map((warning) => (
        <p class="warning" key={warning}>
          {warning}
        </p>
      ))}
      <details>
        <summary>Routes</summary>
        <table class="routes">
          <thead>
            <tr>
              <th scope="col">Oracle</th>
              <th scope="col">For</th>
              <th scope="col">Route</th>
              <th scope="col">Kernels</th>
            </tr>
          </thead>
          <tbody>
            {capabilities.map((each) => (
              <tr key={each.name}>
                <th scope="row">{each.name}</th>
                <td>{each.need}</td>
                <td>{each.route}</td>
                <td>{kernelsOf(each)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function Refused({ reasons }: { readonly reasons: readonly Fault[] }) {
  return (
    <div class="refused" role="alert">
      <strong>This cannot run.</strong>
      {reasons.map(({ code, message }) => (
        <p key={message}>
          {message}
          {code !== null && <code>{code}</code>}
        </p>
      ))}
    </div>
  );
}

const variablesOf = ({ layout, scale }: Prospect): string => `Variables: ${layout.map(({ name, shape }) => `${name} ${shape.join(' × ')}`).join(', ')}.${scale === null ? '' : ` Scale: ${scale}.`}`;
const runsIn = ({ dtype, variables, bytes, readsPerStep }: Plan): string => `Runs in ${dtype}: ${counted(variables, 'variable')}, ${sizeOf(bytes)}, ${counted(readsPerStep, 'read')} a step.`;
const kernelsOf = ({ kernels, why }: Plan['capabilities'][number]): string => (kernels.length > 0 ? kernels.join(', ') : (why ?? ''));

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The same as the page shows, routes unfolded. */
function saidOf(answer: Prospect, labels: readonly string[]): Said[] {
  return [
    { text: variablesOf(answer), as: 'ink' },
    ...answer.plans.flatMap((plan, run): Said[] => [
      { text: labels[run] ?? '', as: 'heading', run },
      ...refusalsOf(plan).map(({ message }): Said => ({ text: `This cannot run: ${message}`, as: 'bad' })),
      ...('ok' in plan
        ? [
            ...(plan.ok ? [{ text: runsIn(plan), as: 'ink' } as const] : []),
            ...plan.warnings.map((text): Said => ({ text, as: 'warn' })),
            ...plan.capabilities.map((each): Said => ({ text: [`${each.name}, ${each.need}: ${each.route}`, kernelsOf(each)].filter((part) => part !== '').join('; ') })),
          ]
        : []),
    ]),
  ];
}

const refusalsOf = (plan: Plan | Fault): readonly Fault[] => ('ok' in plan ? plan.refusals : [plan]);

function tableOf(answer: Prospect | null, labels: readonly string[]): Table {
  const rows = (answer?.plans ?? []).flatMap((plan, k) => {
    const row = (what: string, is: Cell, need: string | null = null, kernels: string | null = null) => ({ method: labels[k] ?? '', what, is, need, kernels });
    const refused = refusalsOf(plan).map(({ message }) => row('refused', message));
    if (!('ok' in plan)) return [row('runs', 'no'), ...refused];
    const { ok, dtype, variables, bytes, readsPerStep, warnings, capabilities } = plan;
    return [
      row('runs', ok ? 'yes' : 'no'),
      ...refused,
      row('number type', dtype),
      row('variables', variables),
      row('bytes', bytes),
      row('reads a step', readsPerStep),
      ...warnings.map((warning) => row('warning', warning)),
      ...capabilities.map((each) => row(each.name, each.route, each.need, kernelsOf(each))),
    ];
  });
  return {
    columns: [
      { name: 'method', cells: rows.map(({ method }) => method) },
      { name: 'what', cells: rows.map(({ what }) => what) },
      { name: 'is', cells: rows.map(({ is }) => is) },
      { name: 'for', cells: rows.map(({ need }) => need) },
      { name: 'kernels', cells: rows.map(({ kernels }) => kernels) },
    ],
  };
}
