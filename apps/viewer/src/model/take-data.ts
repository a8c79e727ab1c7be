/** Files of data as a person chooses them. */
import type { DataFile, Options } from './composition.ts';
import type { Model } from './model.ts';

/** Files that something on the page is about and that are not here. */
export function wantedBy({ composition, shown, shelf }: Model): readonly DataFile[] {
  const named = [composition.value, ...shown.value.map((run) => run.composition)].flatMap((each) => each?.data ?? []);
  return [...new Map(named.filter((data) => !shelf.has(data)).map((data) => [data.sha256, data])).values()];
}

/** Takes a file for the problem; what is wrong with it is told where it was chosen. */
export async function takeData(model: Model, file: File, reading: Options): Promise<void> {
  const found = await model.shelf.read(file, reading);
  if (found === null) return;
  const { data } = model.composition.value;
  model.compose({ data: { name: file.name, sha256: found.digest, reading, holdout: found.form === 'entries' ? (data?.holdout ?? 0) : 0 } });
}

/** Variables up to which a spectrum is computed unasked. */
export const quickVariables = 1500;

/** Looks again at the point in view, of which more is known now. */
export async function lookAgain(model: Model): Promise<void> {
  await model.cut();
  if ((model.variables.value ?? 0) <= quickVariables) await model.askSpectrum();
}

/** Takes a file that something on the page is about, and looks again at what needs it. */
export async function supplyData(model: Model, file: File, wanted: DataFile): Promise<void> {
  if (!(await model.shelf.supply(file, wanted))) return;
  const run = model.shown.value[model.view.value.run];
  if (run?.composition?.data?.sha256 === wanted.sha256) await lookAgain(model);
}
