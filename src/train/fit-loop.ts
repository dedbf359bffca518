import { failure, type SeqwrightError } from '../core/errors.ts';
import type { HostTensor } from '../runtime/backend.ts';
import { compile } from '../runtime/compile.ts';
import type { Program } from '../runtime/program.ts';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type HistoryEntry,
  type Position,
} from './checkpoint.ts';
import { firstNotFinite } from './first-nan.ts';
import { largestBatch } from './memory.ts';
import type { CheckpointStore, FitEvent, FitOptions, RunOptions } from './options.ts';
import { scheduleOf } from './schedules.ts';
import type { Weights } from './start.ts';
import { averageOf, type StepProgram } from './step-program.ts';

/** What a fit arrived at. */
export interface FitResult {
  /** The weights of the best epoch (of the last one where there was no validation data). */
  weights: Map<string, Float32Array>;
  history: HistoryEntry[];
  bestEpoch: number;
  steps: number;
  seconds: number;
}

/** What is known of the moment when a batch is fed. */
export interface FeedMoment {
  /** Steps done before this one. */
  readonly step: number;
  /** The share of all epochs that is done, from 0 to below 1. */
  readonly progress: number;
}

/**
 * Something to be fitted by gradient steps, whatever its data and its loss are. All it does depends on its arguments alone, so that a run
 * that was killed and resumed goes on as if nothing had happened; what is remembered from batch to batch is state of the step program.
 */
export interface FitJob<Batch> {
  readonly step: StepProgram;
  readonly options: FitOptions;
  /** The batches of an epoch (counted from 1), in their order. */
  plan(epoch: number): readonly Batch[];
  /** The inputs of the step program that carry the batch. */
  feed(batch: Batch, moment: FeedMoment): Record<string, HostTensor | number>;
  /** What the batch's loss is a mean over: records, or tokens that are predicted. The loss of an epoch is the mean over all. */
  count(batch: Batch): number;
  /** The loss on validation data, which decides what epoch is kept and when to stop. */
  readonly validate?: ((weights: Weights) => Promise<number>) | undefined;
  /** Differs where the data or the settings of a run differ: a checkpoint of another run is refused. */
  readonly fingerprint: string;
}

/**
 * The training loop: compiles the step, runs it over all batches of all epochs, keeps the best weights, saves and resumes.
 * The same job and seed give the same weights. Throws where the loss stops being a number, saying at which step, and where it is
 * interrupted by `signal`.
 */
export async function fitJob<Batch>(job: FitJob<Batch>, run: RunOptions = {}): Promise<FitResult> {
  run.onEvent?.({ kind: 'planned', memory: () => largestBatch(job.step, firstEpoch(job)) });
  const program = await compile(job.step, placeOf(run));
  try {
    return await new FitSession(job, run, program).run();
  } finally {
    await program.release();
  }
}

/** What the batches of the first epoch feed; that of others differs in which records share a batch, hardly in the largest one. */
function* firstEpoch<Batch>(job: FitJob<Batch>) {
  for (const batch of job.plan(1)) yield job.feed(batch, { step: 0, progress: 0 });
}

/** Where programs of a run are compiled to. */
export const placeOf = ({ device = 'auto', threads = 1, worker = false, pool }: RunOptions) => ({
  device,
  threads,
  worker,
  pool,
});

const start: Position = {
  epoch: 1,
  batch: 0,
  step: 0,
  lossSum: 0,
  lossCount: 0,
  history: [],
  best: null,
  seconds: 0,
};

/** The loop, with what it must remember between batches. */
class FitSession<Batch> {
  private position: Position = structuredClone(start);
  private best = new Map<string, Float32Array>();
  private readonly began = performance.now();
  private before = 0;
  private lastSave = performance.now();
  /** Whether the checkpoint holds a state of this run. */
  private kept = false;

  constructor(
    private readonly job: FitJob<Batch>,
    private readonly where: RunOptions,
    private readonly program: Program,
  ) {}

  async run(): Promise<FitResult> {
    await this.resume();
    const { epochs, patience } = this.job.options;
    while (this.position.epoch <= epochs) {
      await this.runEpoch();
      await this.endEpoch();
      const { history, best } = this.position;
      if (patience > 0 && best && history.length - best.epoch >= patience) {
        this.tell({ kind: 'stopped', epoch: history.length, bestEpoch: best.epoch, reason: 'patience' });
        break;
      }
    }
    const { history, best, step } = this.position;
    return {
      weights: best ? this.best : await this.weights(),
      history,
      bestEpoch: best?.epoch ?? history.length,
      steps: step,
      seconds: this.seconds(),
    };
  }

  private tell(event: FitEvent): void {
    this.where.onEvent?.(event);
  }

  private seconds(): number {
    return this.before + (performance.now() - this.began) / 1000;
  }

  private async runEpoch(): Promise<void> {
    const { options, step } = this.job;
    const { position } = this;
    const { seed, epochs, accumulate } = options;
    const plan = this.job.plan(position.epoch);
    const schedule = scheduleOf(options.schedule);
    while (position.batch < plan.length) {
      const progress = (position.epoch - 1 + position.batch / plan.length) / epochs;
      const rate =
        options.rate * schedule((position.epoch - 1 + (position.batch + 0.5) / plan.length) / epochs);
      const last = position.batch + 1 === plan.length;
      const apply = Number((position.batch + 1) % accumulate === 0 || last);
      const updates = Math.floor(position.step / accumulate) + 1;
      const batch = plan[position.batch]!;
      const feeds = {
        ...this.job.feed(batch, { step: position.step, progress }),
        rate,
        seed: seed | 0,
        step: position.step,
        ...step.optimizer.scalars(updates),
        ...(accumulate > 1 && { apply }),
      };
      const { loss } = await this.program.run(feeds);
      const value = loss!.data[0]!;
      if (!Number.isFinite(value)) throw await this.diverged(value, feeds);
      const count = this.job.count(batch);
      position.lossSum += value * count;
      position.lossCount += count;
      position.step++;
      position.batch++;
      this.tell({
        kind: 'batch',
        epoch: position.epoch,
        epochs,
        batch: position.batch,
        batches: plan.length,
        loss: position.lossSum / position.lossCount,
        secondsLeft: this.secondsLeft(plan.length),
      });
      await this.maybeSave();
    }
  }

  private secondsLeft(batches: number): number {
    const { epoch, batch } = this.position;
    const done = epoch - 1 + batch / batches;
    return (this.seconds() / done) * (this.job.options.epochs - done);
  }

  private async diverged(
    value: number,
    feeds: Record<string, HostTensor | number> & { rate: number },
  ): Promise<SeqwrightError> {
    const { epoch, batch, step } = this.position;
    await this.program.undo();
    const failed = { step: this.job.step, state: await this.program.state(), feeds };
    const place = await firstNotFinite(failed, placeOf(this.where));
    const { checkpoint } = this.where;
    const saved = this.kept
      ? `; with --resume they go on from the last state that was saved, in ${checkpoint!.name}`
      : '';
    return failure(
      `the loss became ${value} at step ${step + 1} (epoch ${epoch}, batch ${batch + 1}) with learning rate ${feeds.rate.toPrecision(3)}: ${place}. Use a smaller --rate, or gradient clipping (--clip 1)${saved}.`,
    );
  }

  private async endEpoch(): Promise<void> {
    const { options } = this.job;
    const { position } = this;
    const trainLoss = position.lossSum / position.lossCount;
    const loss = (await this.job.validate?.(await this.weights())) ?? null;
    const improved = loss !== null && loss < (position.best?.loss ?? Number.POSITIVE_INFINITY);
    if (improved) {
      position.best = { epoch: position.epoch, loss };
      this.best = await this.weights();
    }
    const rate = options.rate * scheduleOf(options.schedule)(position.epoch / options.epochs);
    position.history.push({ epoch: position.epoch, trainLoss, validationLoss: loss, rate });
    this.tell({
      kind: 'epoch',
      epoch: position.epoch,
      epochs: options.epochs,
      trainLoss,
      validationLoss: loss,
      best: improved,
    });
    Object.assign(position, { epoch: position.epoch + 1, batch: 0, lossSum: 0, lossCount: 0 });
  }

  /** The weights as prediction would use them now: the running averages where they are kept. */
  private async weights(): Promise<Map<string, Float32Array>> {
    const { step, options } = this.job;
    const state = await this.program.state();
    const name = (path: string) => (options.average > 0 ? averageOf(path) : path);
    return new Map(step.parameters.map((path) => [path, state[name(path)] as Float32Array]));
  }

  private async maybeSave(): Promise<void> {
    const run = this.where;
    const aborted = run.signal?.aborted ?? false;
    const due = performance.now() - this.lastSave > 1000 * (run.checkpointSeconds ?? 30);
    if (run.checkpoint && (aborted || due)) await this.save(run.checkpoint);
    if (aborted)
      throw failure(
        run.checkpoint
          ? `interrupted in epoch ${this.position.epoch}; progress is saved in ${run.checkpoint.name}. Continue with the same command and --resume.`
          : `interrupted in epoch ${this.position.epoch}; nothing was saved.`,
      );
  }

  private async save(store: CheckpointStore): Promise<void> {
    const position = { ...this.position, seconds: this.seconds() };
    const checkpoint: Checkpoint = { position, state: await this.program.state(), best: this.best };
    await store.write(encodeCheckpoint(checkpoint, this.job.fingerprint));
    this.lastSave = performance.now();
    this.kept = true;
  }

  private async resume(): Promise<void> {
    const run = this.where;
    if (!run.resume || !run.checkpoint) return;
    const bytes = await run.checkpoint.read();
    if (!bytes) return;
    const { position, state, best } = decodeCheckpoint(bytes, this.job.fingerprint, run.checkpoint.name);
    await this.program.load(state);
    this.position = position;
    this.best = best;
    this.before = position.seconds;
    this.kept = true;
    this.tell({ kind: 'resumed', epoch: position.epoch, step: position.step });
  }
}
