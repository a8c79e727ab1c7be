import type { Asked } from '../model/asked.ts';
import type { CheckView } from '../model/types.ts';
import { claimsOf, checkSentence } from './words/check.ts';

export interface CheckPartProps {
  readonly label: string;
  readonly asked: Asked<CheckView> | undefined;
  readonly onCheck: () => void;
  readonly onCancel: () => void;
  readonly onSave: () => void;
}

/** The check of a verdict: asked for by a person, worked on, and what came of it claim by claim. */
export function CheckPart({ label, asked, onCheck, onCancel, onSave }: CheckPartProps) {
  const { busy, answer: check, fault } = asked ?? { busy: false, answer: null, fault: null };
  const words = busy ? 'Checking …' : check === null ? 'Check it here' : 'Check it again';
  return (
    <div class="panel-check" data-check={check === null ? 'none' : check.ok ? 'holds' : 'rejected'} aria-busy={busy}>
      <p class="panel-check-tools">
        <button type="button" disabled={busy} aria-label={`${words}: ${label}`} onClick={onCheck}>
          {words}
        </button>
        {busy && <button type="button" onClick={onCancel}>Cancel</button>}
        {check !== null && <button type="button" aria-label={`Save certificate.json of ${label}`} onClick={onSave}>Save certificate.json</button>}
      </p>
      <div role="status">
        {fault !== null && <p class="panel-error">{fault}</p>}
        {check !== null && <p class="panel-check-words">{checkSentence(check)}</p>}
      </div>
      {check !== null && (
        <div class="panel-table" tabIndex={0} role="region" aria-label={`Claims of ${label}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Claim</th>
                <th scope="col">Stated</th>
                <th scope="col">Computed again</th>
                <th scope="col">Holds</th>
              </tr>
            </thead>
            <tbody>
              {claimsOf(check).map(({ claim, stated, recomputed, ok }) => (
                <tr key={claim} data-ok={ok}>
                  <td>{claim}</td>
                  <td>{stated}</td>
                  <td>{recomputed}</td>
                  <td>{ok ? 'yes' : 'no: rejected'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
