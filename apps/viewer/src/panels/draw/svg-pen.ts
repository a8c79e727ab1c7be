import { type ComponentChild, h, type VNode } from 'preact';

/** An element of any kind: what it is called and what it has are data here. */
export type Element = VNode<Record<string, unknown>>;
export const element = (name: string, attributes: Readonly<Record<string, string | number>>, ...children: ComponentChild[]): Element => h<Record<string, unknown>>(name, attributes, ...children);

import { fontFamily, type Ink, type Line, type Pen } from './pen.ts';

/** Pixels with two digits: finer ones cannot be seen. */
export const pixel = (value: number): string => String(Math.round(value * 100) / 100);

/** Attributes, not styles: policies that forbid inline styles, and editors of pictures, take them. */
const inked = ({ fill = 'none', stroke, width = 1, dash = [], opacity }: Ink): Record<string, string | number> => ({
  fill,
  ...(stroke !== undefined && { stroke, 'stroke-width': width, 'stroke-linejoin': 'round' }),
  ...(stroke !== undefined && dash.length > 0 && { 'stroke-dasharray': dash.join(' ') }),
  ...(opacity !== undefined && { opacity }),
});

const pathOf = (line: Line): string => line.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${pixel(x)},${pixel(y)}`).join('');

/**
 * A pen whose strokes are SVG elements.
 *
 * @param name Tells its clipping frames apart from those of other pictures on the page.
 */
export function svgPen(name: string): { readonly pen: Pen; readonly nodes: readonly Element[] } {
  const root: Element[] = [];
  let [group, frames] = [root, 0];
  const add = (node: Element): void => {
    group.push(node);
  };
  const titled = (title: string | undefined): ComponentChild => (title === undefined ? null : element('title', {}, title));
  const pen: Pen = {
    lines: (lines, ink) => {
      if (lines.length > 0) add(element('path', { d: lines.map(pathOf).join(''), ...inked(ink) }));
    },
    area: (rings, ink) => {
      if (rings.length > 0) add(element('path', { d: rings.map((ring) => `${pathOf(ring)}Z`).join(''), 'fill-rule': 'evenodd', ...inked(ink) }));
    },
    circle: ([x, y], radius, ink, title) => add(element('circle', { cx: pixel(x), cy: pixel(y), r: radius, ...inked(ink) }, titled(title))),
    rectangle: ([x, y], width, height, ink, title) => add(element('rect', { x: pixel(x), y: pixel(y), width: pixel(width), height: pixel(height), ...inked(ink) }, titled(title))),
    text([x, y], content, { colour, size = 12, weight = 400, align = 'start', turned = false, halo }) {
      add(
        element(
          'text',
          {
            x: pixel(x),
            y: pixel(y),
            fill: colour,
            'font-family': fontFamily,
            'font-size': size,
            ...(weight !== 400 && { 'font-weight': weight }),
            ...(align !== 'start' && { 'text-anchor': align }),
            ...(turned && { transform: `rotate(-90 ${pixel(x)} ${pixel(y)})` }),
            ...(halo !== undefined && { stroke: halo, 'stroke-width': 3, 'paint-order': 'stroke' }),
          },
          content,
        ),
      );
    },
    within([x, y], width, height, draw) {
      const [outer, id] = [group, `${name}-frame-${frames++}`];
      const inner: Element[] = [];
      group = inner;
      draw();
      group = outer;
      add(element('clipPath', { id }, element('rect', { x: pixel(x), y: pixel(y), width: pixel(width), height: pixel(height) })));
      add(element('g', { 'clip-path': `url(#${id})` }, ...inner));
    },
  };
  return { pen, nodes: root };
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);

/** The text of elements as `svgPen` makes them: no components, no handlers. */
export function markup(node: ComponentChild): string {
  if (node === null || node === undefined || typeof node === 'boolean') return '';
  if (typeof node !== 'object') return escaped(String(node));
  if (Array.isArray(node)) return node.map(markup).join('');
  const { type, props } = node as Element;
  if (typeof type !== 'string') throw new TypeError('Only elements have a text, components have none.');
  const attributes = Object.entries(props)
    .filter(([key, value]) => key !== 'children' && value !== undefined && value !== null && typeof value !== 'function')
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const children = markup(props.children as ComponentChild);
  return children === '' ? `<${type}${attributes.join('')}/>` : `<${type}${attributes.join('')}>${children}</${type}>`;
}
