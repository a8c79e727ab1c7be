/** `1 step`, `2 steps`, `1 200 steps`: English plurals of regular nouns. */
export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Digits in threes, with thin spaces. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
