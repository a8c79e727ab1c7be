import type { Asked } from '../model/asked.ts';
import type { CheckView, RunView } from '../model/types.ts';
import { CheckPart } from './check-part.tsx';
import { runColour, theme } from './draw/theme.ts';
import { save } from './export/picture.ts';
import type { Cell, Table } from './export/table.ts';
import { Panel } from './frame/panel.tsx';
import { checkSentence, claimsOf } from './words/check.ts';
import { type Said, written } from './words/draw-words.ts';
import { factsOf, heading, numbersOf, sentencesOf, type Standing } from './words/verdict.ts';

export interface VerdictPanelProps {
  readonly runs: readonly RunView[];
  /** By the id of the run. */
  readonly checks: ReadonlyMap<string, Asked<CheckView>>;
  /** Asks for the check of the run at a position. */
  readonly onCheck: (position: number) => void;
  readonly onCancel: (id: string) => void;
}

/** What is certain about where each run ended, and whether the checker says so, too. */
export function VerdictPanel({ runs, checks, onCheck, onCancel }: VerdictPanelProps) {
  const judged = runs.flatMap(({ id, label, status, verdict }, k): Judged[] => {
    const check = checks.get(id)?.answer ?? null;
    return verdict === null ? [] : [{ id, label, verdict, check, standing: check !== null ? (check.ok ? 'checked' : 'rejected') : status === 'file' ? 'claimed' : 'own', k }];
  });
  return (
    <Panel
      title="Verdict"
      file="verdict"
      saved={judged.length === 0 ? null : written(judged.flatMap(saidOf))}
      table={() => tableOf(judged)}
      empty="When a run ends, what is certain about its last point stands here: certified, classified, or why not."
    >
      <div class="panel-verdicts">
        {judged.map(({ id, label, verdict, check, standing, k }) => (
          <article key={id} class="panel-verdict" data-kind={verdict.kind ?? 'none'} data-standing={standing}>
            <h4>
              <svg width="12" height="12" aria-hidden="true">
                <circle cx="6" cy="6" r="5" fill={runColour(theme.value, k)} />
              </svg>
              {heading(verdict, standing)}
              <span class="panel-verdict-run">{label}</span>
            </h4>
            {sentencesOf(verdict, standing).map((text) => (
              <p key={text}>{text}</p>
            ))}
            <dl>
              {factsOf(verdict).map(({ name, value }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            {verdict.gap !== null && (
              <CheckPart label={label} asked={checks.get(id)} onCheck={() => { onCheck(k); }} onCancel={() => { onCancel(id); }} onSave={() => { if (check !== null) save('certificate.json', new Blob([`${JSON.stringify(check.document, undefined, 2)}\n`], { type: 'application/json' })); }} />
            )}
          </article>
        ))}
      </div>
    </Panel>
  );
}

interface Judged extends Pick<RunView, 'id' | 'label'> {
  readonly verdict: NonNullable<RunView['verdict']>;
  readonly check: CheckView | null;
  readonly standing: Standing;
  /** Position among the runs. */
  readonly k: number;
}

const saidOf = ({ label, verdict, check, standing, k }: Judged): Said[] => [
  { text: `${label}: ${heading(verdict, standing)}`, as: 'heading', run: k },
  ...sentencesOf(verdict, standing).map((text): Said => ({ text })),
  ...factsOf(verdict).map(({ name, value }): Said => ({ text: `${name}: ${value}` })),
  ...(check === null ? [] : [{ text: checkSentence(check), as: check.ok ? 'good' : 'bad' } as const, ...claimsOf(check).map(({ claim, stated, recomputed, ok }): Said => ({ text: `${claim}: ${stated}; computed again: ${recomputed}; ${ok ? 'holds' : 'rejected'}`, as: ok ? 'soft' : 'bad' }))]),
];

function tableOf(judged: readonly Judged[]): Table {
  const rows = judged.flatMap(({ label, verdict, check, standing }) => {
    const row = (what: string, is: Cell, recomputed: Cell = null, holds: Cell = null) => ({ label, what, is, recomputed, holds });
    return [
      row('verdict', heading(verdict, standing)),
      ...numbersOf(verdict).map(([what, is]) => row(what, is)),
      ...sentencesOf(verdict, standing).map((text) => row('in words', text)),
      ...(check?.claims ?? []).map(({ claim, stated, recomputed, ok }) => row(`claim: ${claim}`, stated, recomputed, ok ? 'yes' : 'no')),
    ];
  });
  return {
    columns: [
      { name: 'run', cells: rows.map(({ label }) => label) },
      { name: 'what', cells: rows.map(({ what }) => what) },
      { name: 'is', cells: rows.map(({ is }) => is) },
      { name: 'computed again', cells: rows.map(({ recomputed }) => recomputed) },
      { name: 'holds', cells: rows.map(({ holds }) => holds) },
    ],
  };
}
