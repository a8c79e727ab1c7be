/** Pictures for the page, and as files. */
import { canvasPen } from '../draw/canvas-pen.ts';
import type { Pen, Size } from '../draw/pen.ts';
import { element, markup, svgPen } from '../draw/svg-pen.ts';
import type { Theme } from '../draw/theme.ts';

/** Draws into (0, 0) to (width, height); the ground is there already. */
export type Drawing = (pen: Pen, theme: Theme, size: Size) => void;

/** A standalone document: fonts of the system, no style sheet, nothing from elsewhere. */
export function svgDocument(drawing: Drawing, theme: Theme, { width, height }: Size, title: string): string {
  const { pen, nodes } = svgPen('picture');
  drawing(pen, theme, { width, height });
  const ground = element('rect', { width, height, fill: theme.surface });
  const root = element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' }, element('title', {}, title), ground, ...nodes);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup(root)}\n`;
}

/** No browser draws canvases of any size: pictures larger than this are made smaller. */
const mostPixels = 4096 * 4096;

/** Draws onto a canvas that shows `size` with `density` pixels per CSS pixel. */
export function paint(canvas: HTMLCanvasElement, drawing: Drawing, theme: Theme, { width, height }: Size, density: number): void {
  const sharp = Math.min(density, Math.sqrt(mostPixels / (width * height)));
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  context.fillStyle = theme.surface;
  context.fillRect(0, 0, width, height);
  drawing(canvasPen(context), theme, { width, height });
}

export function pngOf(drawing: Drawing, theme: Theme, size: Size): Promise<Blob> {
  const canvas = document.createElement('canvas');
  paint(canvas, drawing, theme, size, 2);
  return blobOf(canvas);
}

/** A picture that was made elsewhere, `shown` large, and a drawing over and below it. */
export function pngOver(ground: ImageBitmap, shown: Size, drawing: Drawing, theme: Theme, size: Size): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  [canvas.width, canvas.height] = [2 * size.width, 2 * size.height];
  if (context === null) return Promise.reject(new Error('This browser gives no canvas to draw on; export it as SVG.'));
  context.setTransform(2, 0, 0, 2, 0, 0);
  context.fillStyle = theme.surface;
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(ground, 0, 0, shown.width, shown.height);
  ground.close();
  drawing(canvasPen(context), theme, size);
  return blobOf(canvas);
}

const blobOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('This browser made no picture of the canvas; export it as SVG.'));
      else resolve(blob);
    }, 'image/png');
  });

/** Offers a file for saving. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // Firefox reads it after the click has returned.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
