// @ts-check
/** From measured rows to ratios, and from those to `docs/benchmarks.md`. Times never stand without their ratio. */

const geometricMean = (values) => Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);

const timeOf = (row, id) => row.results.find((result) => result.id === id)?.seconds;

/** The peers a summary line speaks of; where there are several, the quickest in each row counts. */
const rivals = [
  { title: 'the faster of PyTorch and JAX', ids: ['pytorch', 'jax'] },
  { title: 'the faster of PyTorch and Hugging Face', ids: ['pytorch', 'huggingface'] },
  { title: 'PyTorch', ids: ['pytorch'] },
  { title: 'Hugging Face', ids: ['huggingface'] },
  { title: 'JAX', ids: ['jax'] },
  { title: 'TensorFlow.js', ids: ['tfjs'] },
  { title: 'jax-js', ids: ['jaxjs'] },
];

/** Time of the quickest of `ids` divided by ours: above 1, ours is faster. Undefined where one of the two is missing. */
export function ratioOf(row, ids) {
  const ours = timeOf(row, 'seqwright');
  const theirs = ids.map((id) => timeOf(row, id)).filter((time) => time !== undefined);
  return ours && theirs.length ? Math.min(...theirs) / ours : undefined;
}

/** Geometric mean and least of the ratios, for each rival, kind of work and number of threads. */
export function summarize(rows) {
  const lines = [];
  const peers = new Set(rows.flatMap(({ results }) => results.map(({ id }) => id)));
  const met = rivals.filter(({ ids }) => ids.every((id) => peers.has(id)));
  for (const mode of modes)
    for (const threads of new Set(rows.map((row) => row.threads)))
      for (const { title, ids } of met) {
        const found = rows
          .filter((row) => row.mode === mode && row.threads === threads)
          .map((row) => ({ name: row.name, ratio: ratioOf(row, ids) }))
          .filter(({ ratio }) => ratio !== undefined);
        if (!found.length) continue;
        const least = found.reduce((a, b) => (b.ratio < a.ratio ? b : a));
        const mean = geometricMean(found.map(({ ratio }) => ratio));
        lines.push({
          mode,
          threads,
          rival: title,
          mean,
          least: least.ratio,
          where: least.name,
          rows: found.length,
        });
      }
  return lines;
}

const times = (ratio) => (ratio === undefined ? '–' : `${ratio.toPrecision(3)}×`);
const word = { train: 'training step', infer: 'inference', generate: 'generation' };
const modes = Object.keys(word);
const plural = (threads) => `${threads} thread${threads === 1 ? '' : 's'}`;
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)];

function milliseconds(seconds) {
  return seconds === undefined ? '–' : `${(1000 * seconds).toPrecision(3)} ms`;
}

function peakOf(run, threads) {
  return Math.max(...run.peaks.filter((peak) => peak.threads === threads).map(({ gflops }) => gflops));
}

/** Ours against each peer; without ours, each peer against the first that is there. */
function rowsOf(run, mode, threads, shown) {
  const [base, ...others] = shown;
  return run.rows
    .filter((row) => row.mode === mode && row.threads === threads)
    .map((row) => {
      const own = timeOf(row, base.id);
      const ratios = others.map(({ id }) => (own && timeOf(row, id) ? timeOf(row, id) / own : undefined));
      return [row.name, milliseconds(own), ...ratios.map(times), lastCell(run, row, own)];
    });
}

/** Tokens a second where the suite counts them, else the share of the peak. */
function lastCell(run, row, own) {
  if (!own) return '–';
  if (row.tokens) return Math.round(row.tokens / own).toLocaleString('en');
  return run.peaks.length
    ? `${((100 * row.operations) / own / 1e9 / peakOf(run, row.threads)).toFixed(0)} %`
    : '–';
}

/** Problems said once each, with the rows they concern. */
function problemsOf(run) {
  const where = new Map();
  for (const row of run.rows)
    for (const { id, problem } of row.results)
      if (problem) {
        const key = `${run.peers.find((peer) => peer.id === id).title}: ${problem}`;
        where.set(key, (where.get(key) ?? new Set()).add(row.name));
      }
  return [...where].map(([problem, rows]) => `- ${problem} (${[...rows].join(', ')})`);
}

function variantsOf(run) {
  const rows = run.rows.map((row) => [
    row.name,
    word[row.mode],
    String(row.threads),
    ...run.peers.map(({ id }) => row.results.find((result) => result.id === id)?.variant ?? '–'),
  ]);
  return table(['workload', 'work', 'threads', ...run.peers.map(({ title }) => title)], rows);
}

/** @param {any} run what `run.js` collected */
export function markdown(run) {
  const shown = run.peers.filter(({ missing }) => !missing);
  const [base, ...others] = shown;
  const parts = [
    `# ${run.title ?? 'Benchmarks'}`,
    '',
    `Written by \`${run.command ?? 'npm run bench'}\` on ${run.date}; do not edit. What is computed stands in \`${run.source ?? 'bench/workloads.js'}\`, how in`,
    '`bench/README.md`. All peers ran in turns within this run, started from the same numbers, and had to give the same',
    'losses over five training steps (or the same logits, or the same greedy or best tokens) to be counted.',
    '',
    `- Machine: ${run.machine}. Load average at the start: ${run.load.toFixed(2)}.`,
    `- Medians of ${run.rounds} rounds after warm-up, float32. A ratio is the peer's time divided by ${base?.title ?? 'ours'}'s: above 1, ${base?.title ?? 'ours'} is faster.`,
    ...shown.map(({ title, versions }) => `- ${title}: ${versions}`),
    ...run.peers
      .filter(({ missing }) => missing)
      .map(({ title, missing }) => `- ${title}: **left out**, ${missing}`),
    ...(run.compile === 'none'
      ? [
          "- `torch.compile` was **left out** in this run (`--compile none`); with it PyTorch's training is quicker, by up to a tenth on the rows tried (bench/README.md).",
        ]
      : []),
    ...(run.earlier
      ? [
          `- The file joins two runs, of ${run.earlier} and ${run.date}; every row, and so every ratio, is of one of them.`,
        ]
      : []),
    ...(run.complete ? [] : ['- **This run did not finish**: what follows is a part.']),
    '',
  ];
  const summary = summarize(run.rows);
  if (summary.length)
    parts.push(
      ...['## Summary', ''],
      ...table(
        ['work', 'threads', 'against', 'geometric mean', 'least', 'where', 'workloads'],
        summary.map((s) => [
          word[s.mode],
          s.threads,
          s.rival,
          times(s.mean),
          times(s.least),
          s.where,
          s.rows,
        ]),
      ),
      '',
    );
  for (const mode of modes)
    for (const threads of new Set(run.rows.map((row) => row.threads))) {
      const rows = rowsOf(run, mode, threads, shown);
      if (!rows.length) continue;
      const head = [
        'workload',
        base.title,
        ...others.map(({ title }) => title),
        `${run.rows.some(({ tokens }) => tokens) ? 'tokens a second' : 'share of peak'} (${base.title})`,
      ];
      parts.push(
        `## ${word[mode][0].toUpperCase()}${word[mode].slice(1)}, ${plural(threads)}`,
        '',
        ...table(head, rows),
        '',
      );
    }
  if (run.peaks.length)
    parts.push(
      ...[
        '## Matrix product, 1024 × 1024',
        '',
        'The peak is the highest of these for the same number of threads.',
        '',
      ],
      ...table(
        ['peer', 'threads', 'GFLOP/s'],
        run.peaks.map(({ title, threads, gflops }) => [title, threads, gflops.toFixed(0)]),
      ),
      '',
    );
  const problems = problemsOf(run);
  if (problems.length) parts.push('## Not counted', '', ...problems, '');
  parts.push(
    '## What each peer chose',
    '',
    'The quickest of the variants it tried.',
    '',
    ...variantsOf(run),
    '',
  );
  return parts.join('\n');
}
