/**
 * The fenced blocks of the documents, as runnable snippets.
 *
 * - A `ts` block is a module of its own: it must type-check and run.
 * - An `sh` block runs as a shell script in an empty folder, which the blocks of one document share.
 *   It may use `lowland …` (or `pnpm lowland …`, `npx lowland …`), which is the CLI from source.
 * - A `text` block right after one of these is what the snippet prints; `…` stands for anything in a
 *   line, and alone on a line for any lines.
 */

/** One runnable block of a document. */
export interface Snippet {
  readonly language: 'ts' | 'sh';
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly code: string;
  readonly output?: string;
}

/** All snippets of a Markdown text, in order. Fences of other languages are prose. */
export function snippets(markdown: string): Snippet[] {
  const found: Snippet[] = [];
  const lines = markdown.split('\n');
  let last: { snippet: Snippet; end: number } | undefined;
  for (let i = 0; i < lines.length; i += 1) {
    const language = /^```(\w*)\s*$/.exec(lines[i]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`line ${i + 1}: the fence is never closed`);
    const code = lines.slice(i + 1, end).join('\n');
    if (language === 'ts' || language === 'sh') {
      last = { snippet: { language, line: i + 1, code }, end };
      found.push(last.snippet);
    } else if (language === 'text' && last !== undefined && lines.slice(last.end + 1, i).every((line) => line.trim() === '')) {
      found[found.length - 1] = { ...last.snippet, output: code };
      last = undefined;
    }
    i = end;
  }
  return found;
}

/** Whether `actual` is what `expected` shows, `…` being a wildcard; blanks at the ends of lines don't count. */
export function matches(actual: string, expected: string): boolean {
  const clean = (text: string) => text.replace(/[ \t]+$/gm, '').trim();
  const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const pattern = clean(expected)
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(escape).join('.*')}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${clean(actual)}\n`);
}

/** Commands of a shell snippet, one an entry: continued lines joined, comments dropped. */
export function commands(code: string): string[] {
  return code
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

const runsCli = /^(?:(?:pnpm|npx|npx --yes pnpm@\S+) )?lowland(?: |$)/;
const rootScript = /^(?:npx --yes pnpm@\S+|pnpm)(?: run)? (\S+)/;

/** Whether a shell snippet is run here: it calls the CLI. */
export const isCliSnippet = (code: string): boolean => commands(code).some((command) => runsCli.test(command));

/**
 * What is wrong with a shell snippet that is not run here: each of its commands must be a script of the
 * root package.json, which `.ci/run` or a person runs, or be in `known`.
 */
export function unknownCommands(code: string, scripts: Readonly<Record<string, string>>, known: readonly RegExp[]): string[] {
  return commands(code).filter((command) => {
    const script = rootScript.exec(command)?.[1];
    return !(script !== undefined && script in scripts) && !known.some((pattern) => pattern.test(command));
  });
}
