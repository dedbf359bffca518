import type {
  OnnxAttribute,
  OnnxDType,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from '../graph/op.ts';
import { ProtobufWriter } from './protobuf.ts';

/** Field numbers follow onnx.proto3, ONNX IR version 8; operator set 18 is understood by ONNX Runtime 1.14 and later. */
const irVersion = 8;
const opset = 18;

const typeCode: Record<OnnxDType, number> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
  uint32: 12,
};

/** The bytes of an `.onnx` file; `metadata` is stored as the model's properties. */
export function onnxFile(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const writer = new ProtobufWriter()
    .int(1, irVersion)
    .text(2, 'seqwright')
    .message(7, (w) => writeGraph(w, graph))
    .message(8, (w) => w.text(1, '').int(2, opset))
    .message(8, (w) => w.text(1, 'com.microsoft').int(2, 1));
  for (const [key, value] of Object.entries(metadata))
    writer.message(14, (w) => w.text(1, key).text(2, value));
  return writer.finish();
}

function writeGraph(w: ProtobufWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) w.message(1, (inner) => writeNode(inner, node));
  w.text(2, graph.name);
  for (const [name, tensor] of graph.initializers) w.message(5, (inner) => writeTensor(inner, name, tensor));
  for (const info of graph.inputs) w.message(11, (inner) => writeValueInfo(inner, info));
  for (const info of graph.outputs) w.message(12, (inner) => writeValueInfo(inner, info));
}

function writeNode(w: ProtobufWriter, node: OnnxNode): void {
  for (const name of node.inputs) w.text(1, name);
  for (const name of node.outputs) w.text(2, name);
  w.text(3, node.name).text(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes))
    w.message(5, (inner) => writeAttribute(inner, name, attribute));
  if (node.domain) w.text(7, node.domain);
}

function writeAttribute(w: ProtobufWriter, name: string, attribute: OnnxAttribute): void {
  w.text(1, name);
  switch (attribute.kind) {
    case 'float':
      w.float(2, attribute.value).int(20, 1);
      return;
    case 'int':
      w.int(3, attribute.value).int(20, 2);
      return;
    case 'string':
      w.text(4, attribute.value).int(20, 3);
      return;
    case 'graph':
      w.message(6, (inner) => writeGraph(inner, attribute.value)).int(20, 5);
      return;
    case 'ints':
      for (const value of attribute.value) w.int(8, value);
      w.int(20, 7);
  }
}

function writeTensor(w: ProtobufWriter, name: string, { dtype, shape, data }: OnnxTensor): void {
  for (const size of shape) w.int(1, size);
  w.int(2, typeCode[dtype]).text(8, name).bytes(9, rawData(dtype, data));
}

/** Little-endian bytes, which typed arrays hold on every machine that ONNX Runtime supports. */
function rawData(dtype: OnnxDType, data: ArrayLike<number>): Uint8Array {
  const typed = {
    float32: () => (data instanceof Float32Array ? data : Float32Array.from(data)),
    float64: () => Float64Array.from(data),
    int32: () => Int32Array.from(data),
    uint32: () => Uint32Array.from(data),
    int64: () => BigInt64Array.from(Array.from(data, (x) => BigInt(x))),
    bool: () => Uint8Array.from(data),
  }[dtype]();
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

function writeValueInfo(w: ProtobufWriter, { name, dtype, shape }: OnnxValueInfo): void {
  w.text(1, name).message(2, (type) =>
    type.message(1, (t) =>
      t.int(1, typeCode[dtype]).message(2, (s) => {
        for (const dim of shape)
          s.message(1, (d) => (typeof dim === 'number' ? d.int(1, dim) : d.text(2, dim)));
      }),
    ),
  );
}
