/** A 2bit file as UCSC's description of the format has it: header, index, then one record for each sequence. */
export function twoBitBytes(sequences: readonly (readonly [name: string, letters: string])[]): Uint8Array {
  const records = sequences.map(([, letters]) => recordOf(letters));
  const index = sequences.reduce((size, [name]) => size + 1 + name.length + 4, 0);
  let offset = 16 + index;
  const head = [...uint32(0x1a412743), ...uint32(0), ...uint32(sequences.length), ...uint32(0)];
  for (const [i, [name]] of sequences.entries()) {
    head.push(name.length, ...Buffer.from(name), ...uint32(offset));
    offset += records[i]!.length;
  }
  return Uint8Array.from([...head, ...records.flat()]);
}

function recordOf(letters: string): number[] {
  const blocks = (pattern: RegExp) => {
    const found = [...letters.matchAll(pattern)];
    const starts = found.flatMap(({ index }) => uint32(index));
    return [...uint32(found.length), ...starts, ...found.flatMap(([text]) => uint32(text.length))];
  };
  const packed: number[] = [];
  for (let i = 0; i < letters.length; i += 4) {
    const four = [0, 1, 2, 3].map((k) => Math.max(0, 'TCAG'.indexOf((letters[i + k] ?? 'T').toUpperCase())));
    packed.push(four.reduce((byte, code) => 4 * byte + code, 0));
  }
  return [...uint32(letters.length), ...blocks(/N+/gi), ...blocks(/[a-z]+/g), ...uint32(0), ...packed];
}

const uint32 = (value: number) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
