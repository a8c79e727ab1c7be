import { Dialog } from './dialog.tsx';
import { whole } from './hold.ts';

export const shortcuts: readonly (readonly [string, string])[] = [
  ['Space', 'start, pause, go on'],
  ['S', 'one step'],
  ['R', 'reset'],
  ['← →', 'an iteration back or on at the time scrubber; with Shift ten'],
  ['Home, End', 'the start, the end'],
  ['1 … 8', 'the run that slices, spectra and regions are of'],
  ['O', 'open files'],
  ['L', 'link, command, file of the state'],
  ['?', 'this'],
];

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Help" onClose={onClose}>
      <p>
        Compose a problem on the left, start it, and move through its iterations with the time scrubber: every panel shows that time. Nothing leaves your computer; the address holds the whole state, so a link repeats it.
        {whole.value && ' All parts of the page are here: it goes on without its server, until it is closed.'}
      </p>
      <p>Drop a folder that <code>lowland solve --out</code> wrote, its trace or a certificate onto the page to look at it.</p>
      <table class="keys">
        <tbody>
          {shortcuts.map(([key, what]) => (
            <tr key={key}>
              <th scope="row"><kbd>{key}</kbd></th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
