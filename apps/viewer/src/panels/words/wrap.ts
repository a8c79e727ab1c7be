/** Pixels of a letter of an axis, nearly: there is no canvas to measure on where files are made. */
const letter = 6.4;

/** As many words as have room in so many pixels. */
export function fitting(text: string, pixels: number): string {
  const most = Math.floor(pixels / letter);
  return text.length <= most ? text : `${wrapped(text, most - 1)[0]!} …`;
}

/** Lines of at most so many characters, broken between words. */
export function wrapped(text: string, most: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
