import { failure, type SeqwrightError } from '../core/errors.ts';
import { planBatches } from '../data/batch.ts';
import type { Dataset } from '../data/dataset.ts';
import { graphText } from '../graph/text.ts';
import { network } from '../models/network.ts';
import type { ModelSpec, OutputSpec } from '../models/spec.ts';
import { initialize } from '../nn/module.ts';
import { compile } from '../runtime/compile.ts';
import type { Program } from '../runtime/program.ts';
import { batchFeeder } from './batch-feed.ts';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  fingerprintOf,
  type HistoryEntry,
  type Position,
} from './checkpoint.ts';
import { balancedWeights } from './class-weights.ts';
import {
  type CheckpointStore,
  type FitEvent,
  type FitOptions,
  fitOptions,
  type RunOptions,
} from './options.ts';
import { scheduleOf } from './schedules.ts';
import { type DatasetScorer, openScorer, validationLoss } from './score-dataset.ts';
import { type Starting, startWeights, weightsText } from './start.ts';
import { averageOf, stepProgram } from './step-program.ts';

/** What a fit arrived at. */
export interface FitResult {
  /** The weights of the best epoch (of the last one where there was no validation data). */
  weights: Map<string, Float32Array>;
  history: HistoryEntry[];
  bestEpoch: number;
  steps: number;
  seconds: number;
}

/**
 * Fits a model to labelled data. `validation` decides which epoch is kept and when to stop. The same data, options and seed give the same
 * weights; a run that was killed and resumed gives those of one that was not. `start` changes the weights that it begins with.
 * Throws where the loss stops being a number, saying at which step, and where it is interrupted by `signal`.
 */
export async function fitModel(
  spec: ModelSpec,
  train: Dataset,
  validation: Dataset | undefined,
  { start, ...given }: Partial<FitOptions> & Starting = {},
  run: RunOptions = {},
): Promise<FitResult> {
  const options = fitOptions(given);
  const feeder = batchFeeder(train, spec);
  const initial = startWeights(initialize(network(spec), options.seed), start);
  const step = stepProgram(spec, initial, options, {
    weighted: feeder.weighted,
    classWeights: options.classWeights === 'balanced' ? balancedWeights(train) : undefined,
  });
  const where = { device: run.device ?? 'auto', threads: run.threads ?? 1, worker: run.worker ?? false };
  const program = await compile(step, where);
  const judge = validation && (await openScorer(spec, validation, initial, where));
  const began = start && { start: weightsText(initial) };
  // Code of the user's own is told apart by what it computes.
  const code = spec.network && { network: graphText([step.outputs.loss!]) };
  const fingerprint = fingerprintOf({ spec, options, ...began, ...code }, [train, validation]);
  const session = new FitSession({
    options,
    run,
    feeder,
    step,
    program,
    judge,
    validation,
    output: spec.output,
    fingerprint,
  });
  try {
    return await session.run();
  } finally {
    await program.release();
    await judge?.release();
  }
}

interface Parts {
  options: FitOptions;
  run: RunOptions;
  feeder: ReturnType<typeof batchFeeder>;
  step: ReturnType<typeof stepProgram>;
  program: Program;
  judge: DatasetScorer | undefined;
  validation: Dataset | undefined;
  output: OutputSpec;
  fingerprint: string;
}

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
class FitSession {
  private position: Position = structuredClone(start);
  private best = new Map<string, Float32Array>();
  private readonly began = performance.now();
  private before = 0;
  private lastSave = performance.now();

  constructor(private readonly parts: Parts) {}

  async run(): Promise<FitResult> {
    await this.resume();
    const { epochs, patience } = this.parts.options;
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
    this.parts.run.onEvent?.(event);
  }

  private seconds(): number {
    return this.before + (performance.now() - this.began) / 1000;
  }

  private async runEpoch(): Promise<void> {
    const { options, feeder, step, program } = this.parts;
    const { position } = this;
    const { seed, epochs, accumulate, batchSize, maxTokens } = options;
    const plan = planBatches(feeder.lengths, { batchSize, maxTokens, seed, epoch: position.epoch });
    const schedule = scheduleOf(options.schedule);
    while (position.batch < plan.length) {
      const rate =
        options.rate * schedule((position.epoch - 1 + (position.batch + 0.5) / plan.length) / epochs);
      const last = position.batch + 1 === plan.length;
      const apply = Number((position.batch + 1) % accumulate === 0 || last);
      const updates = Math.floor(position.step / accumulate) + 1;
      const indices = plan[position.batch]!;
      const { loss } = await program.run({
        ...feeder.feed(indices),
        rate,
        seed: seed | 0,
        step: position.step,
        ...step.optimizer.scalars(updates),
        ...(accumulate > 1 && { apply }),
      });
      const value = loss!.data[0]!;
      if (!Number.isFinite(value)) throw this.diverged(value, rate);
      position.lossSum += value * indices.length;
      position.lossCount += indices.length;
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
    return (this.seconds() / done) * (this.parts.options.epochs - done);
  }

  private diverged(value: number, rate: number): SeqwrightError {
    const { epoch, batch, step } = this.position;
    const saved = this.parts.run.checkpoint
      ? ` The last good state is in ${this.parts.run.checkpoint.name}.`
      : '';
    return failure(
      `the loss became ${value} at step ${step + 1} (epoch ${epoch}, batch ${batch + 1}) with learning rate ${rate.toPrecision(3)}. Use a smaller --rate, or gradient clipping (--clip 1).${saved}`,
    );
  }

  private async endEpoch(): Promise<void> {
    const { options } = this.parts;
    const { position } = this;
    const trainLoss = position.lossSum / position.lossCount;
    const loss = await this.validate();
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

  private async validate(): Promise<number | null> {
    const { judge, validation, output } = this.parts;
    if (!judge || !validation) return null;
    return validationLoss(output, validation.target!, await judge.predict(await this.weights()));
  }

  /** The weights as prediction would use them now: the running averages where they are kept. */
  private async weights(): Promise<Map<string, Float32Array>> {
    const { step, program, options } = this.parts;
    const state = await program.state();
    const name = (path: string) => (options.average > 0 ? averageOf(path) : path);
    return new Map(step.parameters.map((path) => [path, state[name(path)] as Float32Array]));
  }

  private async maybeSave(): Promise<void> {
    const { run } = this.parts;
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
    const checkpoint: Checkpoint = { position, state: await this.parts.program.state(), best: this.best };
    await store.write(encodeCheckpoint(checkpoint, this.parts.fingerprint));
    this.lastSave = performance.now();
  }

  private async resume(): Promise<void> {
    const { run, program, fingerprint } = this.parts;
    if (!run.resume || !run.checkpoint) return;
    const bytes = await run.checkpoint.read();
    if (!bytes) return;
    const { position, state, best } = decodeCheckpoint(bytes, fingerprint, run.checkpoint.name);
    await program.load(state);
    this.position = position;
    this.best = best;
    this.before = position.seconds;
    this.tell({ kind: 'resumed', epoch: position.epoch, step: position.step });
  }
}
