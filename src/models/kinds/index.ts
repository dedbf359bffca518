import { dataError, SeqwrightError } from '../../core/errors.ts';
import type { NamedParameter } from '../../nn/module.ts';
import { answer } from './answer.ts';
import { forecaster } from './forecaster.ts';
import type { ModelKind } from './kind.ts';
import { language } from './language.ts';
import { marks } from './marks.ts';
import { masked } from './masked.ts';
import { span } from './span.ts';
import { tagger } from './tagger.ts';
import { transcriber } from './transcriber.ts';
import { translator } from './translator.ts';

export type { ModelKind, OnnxGraph } from './kind.ts';

// biome-ignore lint/suspicious/noExplicitAny: specs of all kinds stand side by side
type AnyKind = ModelKind<any>;

/** All kinds of models by the name that stands in `spec.kind`; a spec without one is an `answer`. */
export const kinds = {
  answer,
  forecaster,
  language,
  marks,
  masked,
  span,
  tagger,
  transcriber,
  translator,
} satisfies Record<string, AnyKind>;

/** A name in the table of kinds. */
export type KindName = keyof typeof kinds;
/** The spec of a kind of model. */
export type SpecOf<K extends KindName> = ReturnType<(typeof kinds)[K]['readSpec']>;
/** The spec of a model of any kind. */
export type AnySpec = SpecOf<KindName>;

export const kindName = ({ kind = 'answer' }: AnySpec): KindName => kind;

/** What there is to know of the kind of a spec. */
export const kindOf = (spec: AnySpec): ModelKind<AnySpec> => kinds[kindName(spec)] as ModelKind<AnySpec>;

/**
 * The parameters that a described model has. Throws a data error that begins with `file` where the architecture is unknown or does not take
 * the configuration.
 */
export function checkedParameters(spec: AnySpec, file: string): NamedParameter[] {
  try {
    return kindOf(spec).parameters(spec);
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw dataError(`${file} describes a model that cannot be built: ${error.message}`, { cause: error });
  }
}
