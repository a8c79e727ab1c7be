import { useLayoutEffect, useState } from 'preact/hooks';

/** The width of an element in CSS pixels, kept up to date, whenever it comes; 0 before it is laid out, and the last one while it is not. */
export function useWidth<T extends HTMLElement>(): readonly [ref: (element: T | null) => void, width: number] {
  const [element, setElement] = useState<T | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element === null) return undefined;
    const measure = (): void => setWidth((last) => Math.floor(element.clientWidth) || last);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}
