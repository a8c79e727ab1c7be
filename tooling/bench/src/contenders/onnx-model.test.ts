import { expect, test } from 'vitest';

import { onnxModel } from './onnx-model.ts';

test('a model of one node, byte by byte', () => {
  const model = onnxModel('f64', [{ name: 'x', shape: [2, 300] }], [{ name: 'y', shape: [] }], [{ operator: 'F', inputs: ['x'], outputs: ['y'], attributes: { a: 1.5, k: 2n } }]);
  const text = (letters: string) => [letters.length, ...Array.from(letters, (letter) => letter.charCodeAt(0))];
  const node = [0x0a, ...text('x'), 0x12, ...text('y'), 0x22, ...text('F'), 0x2a, 11, 0x0a, ...text('a'), 0x15, 0, 0, 0xc0, 0x3f, 0xa0, 1, 1, 0x2a, 8, 0x0a, ...text('k'), 0x18, 2, 0xa0, 1, 2];
  const shape = [0x0a, 2, 0x08, 2, 0x0a, 3, 0x08, 0xac, 0x02];
  const tensor = [0x08, 11, 0x12, shape.length, ...shape];
  const input = [0x0a, ...text('x'), 0x12, tensor.length + 2, 0x0a, tensor.length, ...tensor];
  const output = [0x0a, ...text('y'), 0x12, 6, 0x0a, 4, 0x08, 11, 0x12, 0];
  const graph = [0x0a, node.length, ...node, 0x12, ...text('graph'), 0x5a, input.length, ...input, 0x62, output.length, ...output];
  expect([...model]).toEqual([0x08, 8, 0x3a, graph.length, ...graph, 0x42, 4, 0x0a, 0, 0x10, 13]);
});
