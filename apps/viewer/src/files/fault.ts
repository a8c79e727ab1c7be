/** Why a file cannot be shown, and what to do: words for people. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
}
