import { createHash } from 'node:crypto';
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const header = ['--label-from', 'class=(\\S+)'];

beforeAll(async () => {
  writeFileSync(at.path('good.fa'), fastaText(promoters));
  const tiny = ['--model', 'cnn', '--set', 'filters=8,8', '--epochs', '1', '--no-report', '--quiet'];
  expect((await at.seqwright('train', 'good.fa', ...header, ...tiny, '-o', 'good.model')).code).toBe(0);
});

/** Runs, and holds it to one line, the exit code, and a folder as it was before. */
async function refuses(args: string[], line: string) {
  const before = at.list();
  expect(await at.seqwright(...args)).toEqual({
    code: 3,
    signal: null,
    out: '',
    err: `seqwright: ${line}\n`,
  });
  expect(at.list()).toEqual(before);
}

describe('bad model folders', () => {
  /** A copy of the good model with one thing changed. */
  function damaged(change: (folder: string) => void) {
    cpSync(at.path('good.model'), at.path('bad.model'), { recursive: true });
    change(at.path('bad.model'));
  }
  const edit = (text: (description: string) => string) => (folder: string) => {
    const path = `${folder}/model.json`;
    writeFileSync(path, text(readFileSync(path, 'utf8')));
  };
  const cases: [what: string, change: (folder: string) => void, line: RegExp][] = [
    [
      'another version',
      edit((t) => t.replace('"formatVersion": 1', '"formatVersion": 9')),
      /has format version 9, .* Update Seqwright/,
    ],
    [
      'another format',
      edit((t) => t.replace('seqwright-model', 'other-model')),
      /does not describe a Seqwright model/,
    ],
    [
      'a description cut short',
      (folder) => truncateSync(`${folder}/model.json`, 200),
      /is not valid JSON: it is cut short or damaged/,
    ],
    [
      'weights cut short',
      (folder) => truncateSync(`${folder}/weights.safetensors`, 500),
      /bad\.model\/weights\.safetensors has 500 bytes; /,
    ],
    [
      'weights of nothing but zeros',
      (folder) => {
        const path = `${folder}/weights.safetensors`;
        writeFileSync(path, Buffer.alloc(readFileSync(path).length));
      },
      /is damaged or belongs to another model/,
    ],
    [
      'a huge declared size',
      edit((t) => t.replace(/"filters": \[\s*8,\s*8\s*\]/, '"filters": [16777216, 16777216]')),
      /bad\.model/,
    ],
    [
      'an unknown architecture',
      edit((t) => t.replace('"architecture": "cnn"', '"architecture": "../cnn"')),
      /bad\.model\/model\.json/,
    ],
  ];
  it.each(cases)('are refused: %s', async (_, change, line) => {
    damaged(change);
    const before = at.list();
    for (const verb of [
      ['predict', 'bad.model', 'good.fa', '-o', 'x.tsv'],
      ['evaluate', 'bad.model', 'good.fa', ...header],
      ['export', 'bad.model', '--onnx', 'x.onnx'],
    ]) {
      const { code, out, err } = await at.seqwright(...verb);
      expect({ code, out }).toEqual({ code: 3, out: '' });
      expect(err).toMatch(/^seqwright: [^\n]+\n$/);
      expect(err).toMatch(line);
    }
    expect(at.list()).toEqual(before);
  });

  /** Changes the header of the weights, and lets model.json vouch for the result. */
  const forged =
    (change: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => void) =>
    (folder: string) => {
      const path = `${folder}/weights.safetensors`;
      const bytes = readFileSync(path);
      const end = 8 + Number(bytes.readBigUInt64LE(0));
      const header = JSON.parse(bytes.subarray(8, end).toString());
      change(header);
      const text = Buffer.from(JSON.stringify(header));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(text.length));
      const whole = Buffer.concat([size, text, bytes.subarray(end)]);
      writeFileSync(path, whole);
      const sha256 = createHash('sha256').update(whole).digest('hex');
      edit((t) => t.replace(/"sha256": "[0-9a-f]{64}"(?=\s*\})/, `"sha256": "${sha256}"`))(folder);
    };
  const first = (header: object) => Object.keys(header).find((name) => name !== '__metadata__')!;
  const forgeries: [what: string, change: (folder: string) => void, line: RegExp][] = [
    ['a missing tensor', forged((h) => void delete h[first(h)]), /weights\.safetensors/],
    [
      'a tensor too many',
      forged((h) => void (h['../../secret'] = { ...h[first(h)]!, shape: [0], data_offsets: [0, 0] })),
      /weights\.safetensors/,
    ],
    [
      'a tensor renamed',
      forged((h) => {
        const name = first(h);
        h['../x'] = h[name]!;
        delete h[name];
      }),
      /weights\.safetensors/,
    ],
    [
      'a wrong shape',
      forged((h) => void (h[first(h)]!.shape = h[first(h)]!.shape.toReversed().concat(1))),
      /weights\.safetensors/,
    ],
    [
      'a huge declared shape',
      forged((h) => void (h[first(h)]!.shape = [2 ** 40, 2 ** 40])),
      /weights\.safetensors/,
    ],
  ];
  it.each(forgeries)('are refused, however well forged: %s', async (_, change, line) => {
    damaged(change);
    const { code, out, err } = await at.seqwright('predict', 'bad.model', 'good.fa');
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^seqwright: [^\n]+\n$/);
    expect(err).toMatch(line);
    expect(err).not.toContain('SHA-256');
  });

  it('are refused where there is none', async () => {
    await refuses(['predict', 'none.model', 'good.fa'], 'none.model: no such model folder. Check the path.');
    await refuses(
      ['predict', 'good.fa', 'good.fa'],
      'good.fa is not a model folder: it is a file. Name the folder that training wrote, not a file in it. (HMMs and n-gram models, which are files, go with generate, evaluate and hmm.)',
    );
  });
});
