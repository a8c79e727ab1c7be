import { useState } from 'preact/hooks';

/** A choice that the page keeps where it hands one over, and that the panel keeps itself where not. */
export function useOwn<T>(given: T | undefined, change: ((value: T) => void) | undefined, initial: T): readonly [T, (value: T) => void] {
  const [own, setOwn] = useState(initial);
  return [
    given ?? own,
    (value) => {
      setOwn(value);
      change?.(value);
    },
  ];
}
