import type { RunView } from '../model/types.ts';
import { runColour, theme } from './draw/theme.ts';
import type { Cell, Table } from './export/table.ts';
import type { Drawing } from './export/picture.ts';
import { Panel } from './frame/panel.tsx';
import { factsOf, heading, numbersOf, sentencesOf } from './words/verdict.ts';
import { wrapped } from './words/wrap.ts';

export interface VerdictPanelProps {
  readonly runs: readonly RunView[];
}

/** What is certain about where each run ended. */
export function VerdictPanel({ runs }: VerdictPanelProps) {
  const judged = runs.flatMap(({ id, label, status, verdict }, k) => (verdict === null ? [] : [{ id, label, verdict, claimed: status === 'file', k }]));
  const width = 720;
  return (
    <Panel
      title="Verdict"
      file="verdict"
      saved={judged.length === 0 ? null : { drawing: drawingOf(judged), size: { width, height: 24 + judged.reduce((sum, each) => sum + linesOf(each).length * 18 + 22, 0) } }}
      table={() => tableOf(judged)}
      empty="When a run ends, what is certain about its last point stands here: certified, classified, or why not."
    >
      <div class="panel-verdicts">
        {judged.map(({ id, label, verdict, claimed, k }) => (
          <article key={id} class="panel-verdict" data-kind={verdict.kind ?? 'none'} data-claimed={claimed}>
            <h4>
              <svg width="12" height="12" aria-hidden="true">
                <circle cx="6" cy="6" r="5" fill={runColour(theme.value, k)} />
              </svg>
              {heading(verdict, claimed)}
              <span class="panel-verdict-run">{label}</span>
            </h4>
            {sentencesOf(verdict, claimed).map((text) => (
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
          </article>
        ))}
      </div>
    </Panel>
  );
}

type Judged = Pick<RunView, 'id' | 'label'> & { readonly verdict: NonNullable<RunView['verdict']>; readonly claimed: boolean; readonly k: number };

const linesOf = ({ label, verdict, claimed }: Judged): string[] => [`${label}: ${heading(verdict, claimed)}`, ...sentencesOf(verdict, claimed).flatMap((text) => wrapped(text, 100)), ...factsOf(verdict).map(({ name, value }) => `${name}: ${value}`)];

const drawingOf = (judged: readonly Judged[]): Drawing => (pen, theme) => {
  let y = 26;
  for (const each of judged) {
    pen.circle([18, y - 4], 5, { fill: runColour(theme, each.k) });
    linesOf(each).forEach((line, k) => {
      pen.text([32, y], line, { colour: k === 0 ? theme.ink : theme.soft, ...(k === 0 && { weight: 600 as const, size: 13 }) });
      y += 18;
    });
    y += 22;
  }
};

function tableOf(judged: readonly Judged[]): Table {
  const rows = judged.flatMap(({ label, verdict, claimed }) => [['verdict', heading(verdict, claimed)] as const, ...numbersOf(verdict), ...sentencesOf(verdict, claimed).map((text) => ['in words', text] as const)].map(([what, is]): readonly [string, string, Cell] => [label, what, is]));
  return { columns: [{ name: 'run', cells: rows.map(([run]) => run) }, { name: 'what', cells: rows.map(([, what]) => what) }, { name: 'is', cells: rows.map(([, , is]) => is) }] };
}
