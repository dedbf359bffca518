import { counted, duration, figure } from '../../report/format.ts';
import type { FitEvent } from '../../train/options.ts';
import type { TrainedModel } from '../../train/train-model.ts';
import type { Messages } from '../messages.ts';

/** Shows the course of a fit: a bar with the time left on a terminal, a line an epoch elsewhere. */
export function trainingProgress(messages: Messages): (event: FitEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'batch': {
        const done = (event.epoch - 1 + event.batch / event.batches) / event.epochs;
        const text = `epoch ${event.epoch} of ${event.epochs}, loss ${figure(event.loss)}`;
        return messages.progress(text, done, event.secondsLeft);
      }
      case 'epoch': {
        const { epoch, epochs, trainLoss, validationLoss, best } = event;
        const judged =
          validationLoss === null
            ? ''
            : `, validation ${figure(validationLoss)}${best ? ', best so far' : ''}`;
        return messages.log(`Epoch ${epoch} of ${epochs}: loss ${figure(trainLoss)}${judged}.`);
      }
      case 'resumed':
        return messages.say(`Resumed in epoch ${event.epoch}, after ${counted(event.step, 'step')}.`);
      case 'stopped':
        return messages.say(`Stopped early: no improvement since epoch ${event.bestEpoch}.`);
    }
  };
}

/** `Trained 12 epochs in 41 s; kept epoch 9, the best on validation data.` */
export function trainingSentence({ fit }: Pick<TrainedModel, 'fit'>): string {
  const { history, bestEpoch, seconds } = fit;
  const judged = history.some(({ validationLoss }) => validationLoss !== null);
  const kept = judged ? `; kept epoch ${bestEpoch}, the best on validation data` : '';
  return `Trained ${counted(history.length, 'epoch')} in ${duration(seconds)}${kept}.`;
}
