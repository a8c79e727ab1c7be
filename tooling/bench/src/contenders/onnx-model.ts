/** Writes ONNX models: the few fields of the protocol buffers that a small graph needs (onnx.proto, IR version 8, operators of set 13). */

type Bytes = readonly number[];

/** A number of a matrix; `[]` is a single number. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
}
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers are integer attributes where they are given as bigint, others are 32-bit floats. */
  readonly attributes?: Readonly<Record<string, number | bigint>>;
}

const varint = (n: number): Bytes => (n < 128 ? [n] : [(n % 128) | 128, ...varint(Math.floor(n / 128))]);
const integer = (field: number, n: number): Bytes => [...varint(field << 3), ...varint(n)];
const message = (field: number, content: Bytes): Bytes => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field: number, content: string): Bytes => message(field, [...new TextEncoder().encode(content)]);
const float = (field: number, n: number): Bytes => {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, n, true);
  return [...varint((field << 3) | 5), ...new Uint8Array(bytes.buffer)];
};

export function onnxModel(element: 'f64' | 'f32', inputs: readonly OnnxValue[], outputs: readonly OnnxValue[], nodes: readonly OnnxNode[]): Uint8Array {
  const value = ({ name, shape }: OnnxValue): Bytes => {
    const dimensions = shape.flatMap((size) => message(1, integer(1, size)));
    const tensor = [...integer(1, element === 'f64' ? 11 : 1), ...message(2, dimensions)];
    return [...text(1, name), ...message(2, message(1, tensor))];
  };
  const attribute = ([name, given]: [string, number | bigint]): Bytes =>
    typeof given === 'bigint' ? [...text(1, name), ...integer(3, Number(given)), ...integer(20, 2)] : [...text(1, name), ...float(2, given), ...integer(20, 1)];
  const graph = [
    ...nodes.flatMap(({ operator, inputs: from, outputs: to, attributes = {} }) => message(1, [
      ...from.flatMap((name) => text(1, name)),
      ...to.flatMap((name) => text(2, name)),
      ...text(4, operator),
      ...Object.entries(attributes).flatMap((pair) => message(5, attribute(pair))),
    ])),
    ...text(2, 'graph'),
    ...inputs.flatMap((each) => message(11, value(each))),
    ...outputs.flatMap((each) => message(12, value(each))),
  ];
  return Uint8Array.from([...integer(1, 8), ...message(7, graph), ...message(8, [...text(1, ''), ...integer(2, 13)])]);
}
