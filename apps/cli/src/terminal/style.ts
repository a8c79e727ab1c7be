import { styleText } from 'node:util';

/** A stream that text goes to, and what it can show. */
export interface Screen {
  readonly stream: NodeJS.WriteStream;
  /** Characters in a line. */
  readonly columns: number;
  /** Whether blocks and braille can be shown; otherwise plots are ASCII. */
  readonly unicode: boolean;
  /** Whether a line can be redrawn in place. */
  readonly live: boolean;
  write(text: string): void;
  /** `text` in a style where the stream shows styles: never in a pipe, never under NO_COLOR. */
  style(format: Parameters<typeof styleText>[0], text: string): string;
}

/** Locale variables in the order in which POSIX lets them win. */
function speaksUtf8(environment: NodeJS.ProcessEnv): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find((name) => name !== undefined && name !== '');
  if (environment['TERM'] === 'dumb' || environment['LOWLAND_ASCII'] === '1') return false;
  // Unset says nothing: containers rarely set it and their terminals do speak UTF-8. `C` and `POSIX` say ASCII.
  return locale === undefined || /utf-?8/i.test(locale);
}

export function screen(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv = process.env): Screen {
  const live = stream.isTTY && environment['TERM'] !== 'dumb';
  return {
    stream,
    columns: Math.max(40, Math.min(stream.isTTY ? stream.columns : 80, 120)),
    unicode: speaksUtf8(environment),
    live,
    write: (text) => void stream.write(text),
    style: (format, text) => styleText(format, text, { stream }),
  };
}
