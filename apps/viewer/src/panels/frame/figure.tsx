import { useId, useLayoutEffect, useRef } from 'preact/hooks';

import { svgPen } from '../draw/svg-pen.ts';
import { theme } from '../draw/theme.ts';
import { type Drawing, paint } from '../export/picture.ts';
import type { Size } from '../draw/pen.ts';

export interface FigureProps {
  readonly drawing: Drawing;
  readonly size: Size;
  /** What is to be seen, in a sentence or two, for those who do not see it. */
  readonly summary: string;
  /** Called with a place of the picture in CSS pixels where it is clicked. */
  readonly onPoint?: (x: number, y: number) => void;
}

/** A drawing as elements of the page: for few marks, sharp at every size. */
export function SvgFigure({ drawing, size: { width, height }, summary, onPoint }: FigureProps) {
  const id = useId();
  const { pen, nodes } = svgPen(id);
  drawing(pen, theme.value, { width, height });
  return (
    <svg class="panel-figure" role="img" aria-label={summary} width={width} height={height} viewBox={`0 0 ${width} ${height}`} onClick={onPoint && ((event) => onPoint(event.offsetX, event.offsetY))}>
      {nodes}
    </svg>
  );
}

/** A drawing on a canvas: for many marks. */
export function CanvasFigure({ drawing, size: { width, height }, summary, onPoint }: FigureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = theme.value;
  useLayoutEffect(() => {
    if (canvas.current !== null) paint(canvas.current, drawing, colours, { width, height }, devicePixelRatio);
  }, [drawing, colours, width, height]);
  return <canvas class="panel-figure" ref={canvas} role="img" aria-label={summary} style={{ width: `${width}px`, height: `${height}px` }} onClick={onPoint && ((event) => onPoint(event.offsetX, event.offsetY))} />;
}

/** A drawing over a picture that says for itself what it shows. */
export function Overlay({ drawing, size: { width, height } }: Pick<FigureProps, 'drawing' | 'size'>) {
  const { pen, nodes } = svgPen(useId());
  drawing(pen, theme.value, { width, height });
  return (
    <svg class="panel-over" aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      {nodes}
    </svg>
  );
}
