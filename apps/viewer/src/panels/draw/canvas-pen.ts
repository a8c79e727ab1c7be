import { fontFamily, type Ink, type Line, type Pen } from './pen.ts';

/** A pen on a canvas whose transformation makes its units CSS pixels. */
export function canvasPen(context: CanvasRenderingContext2D): Pen {
  const put = ({ fill, stroke, width = 1, dash = [], opacity = 1 }: Ink): void => {
    context.globalAlpha = opacity;
    if (fill !== undefined) {
      context.fillStyle = fill;
      context.fill('evenodd');
    }
    if (stroke !== undefined) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.lineJoin = 'round';
      context.lineCap = dash.length === 0 ? 'round' : 'butt';
      context.setLineDash([...dash]);
      context.stroke();
    }
    context.globalAlpha = 1;
  };
  const trace = (line: Line): void => {
    line.forEach(([x, y], k) => {
      if (k === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
  };
  return {
    lines(lines, ink) {
      context.beginPath();
      lines.forEach(trace);
      put(ink);
    },
    area(rings, ink) {
      context.beginPath();
      for (const ring of rings) {
        trace(ring);
        context.closePath();
      }
      put(ink);
    },
    circle([x, y], radius, ink) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      put(ink);
    },
    rectangle([x, y], width, height, ink) {
      context.beginPath();
      context.rect(x, y, width, height);
      put(ink);
    },
    text([x, y], content, { colour, size = 12, weight = 400, align = 'start', turned = false, halo }) {
      context.save();
      context.translate(x, y);
      if (turned) context.rotate(-Math.PI / 2);
      context.font = `${weight} ${size}px ${fontFamily}`;
      context.textAlign = align === 'middle' ? 'center' : align;
      context.textBaseline = 'alphabetic';
      if (halo !== undefined) {
        context.strokeStyle = halo;
        context.lineWidth = 3;
        context.lineJoin = 'round';
        context.setLineDash([]);
        context.strokeText(content, 0, 0);
      }
      context.fillStyle = colour;
      context.fillText(content, 0, 0);
      context.restore();
    },
    within([x, y], width, height, draw) {
      context.save();
      context.beginPath();
      context.rect(x, y, width, height);
      context.clip();
      draw();
      context.restore();
    },
  };
}
