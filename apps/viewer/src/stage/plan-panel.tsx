import type { Plan } from '@lowland/core';

import type { Fault } from '../engine/protocol.ts';
import type { Model } from '../model/model.ts';
import { labelOf } from '../model/label.ts';

/** How objective, methods and backend would work together: by which routes, with how much memory, or why not. */
export function PlanPanel({ model }: { readonly model: Model }) {
  const { answer, fault, busy } = model.prospect.value;
  const { methods } = model.composition.value;
  return (
    <section class="panel plan" aria-labelledby="plan-title" data-panel="plan" aria-busy={busy}>
      <header class="panel-head">
        <h3 id="plan-title">Plan</h3>
      </header>
      {fault !== null && <p class="fault" role="alert">{fault}</p>}
      {answer === null && fault === null && <p class="panel-empty">Asking what would run …</p>}
      {answer !== null && (
        <>
          <p class="plan-layout">
            Variables: {answer.layout.map(({ name, shape }) => `${name} ${shape.join(' × ')}`).join(', ')}.{answer.scale === null ? '' : ` Scale: ${answer.scale}.`}
          </p>
          {answer.plans.map((plan, k) => (
            <article key={k} data-run={(k % 8) + 1} class="plan-method">
              <h4>
                <span class="dot" aria-hidden="true" /> {methods[k] === undefined ? '' : labelOf(methods[k])}
              </h4>
              {'ok' in plan ? <PlanWords plan={plan} /> : <Refused reasons={[plan]} />}
            </article>
          ))}
        </>
      )}
    </section>
  );
}

function PlanWords({ plan: { ok, refusals, warnings, capabilities, variables, bytes, readsPerStep, dtype } }: { readonly plan: Plan }) {
  return (
    <>
      {!ok && <Refused reasons={refusals} />}
      {ok && (
        <p>
          Runs in {dtype}: {variables.toLocaleString('en')} variables, {sizeOf(bytes)}, {readsPerStep} {readsPerStep === 1 ? 'read' : 'reads'} a step.
        </p>
      )}
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
            {capabilities.map(({ name, need, route, kernels, why }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{need}</td>
                <td>{route}</td>
                <td>{kernels.length > 0 ? kernels.join(', ') : (why ?? '')}</td>
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

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
