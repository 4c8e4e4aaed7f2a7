import { getSubstitute } from '../api/modelGroups';
import type { ModelInfo } from '../api/models';
import type { ExtensionServices } from '../container';
import type { TaskRequest } from '../tasks/model/taskRecord';
import type { GenerationRequest, ModelNote } from './generationRequest';

/** The model that a request begins with, and what is to be said about it. */
interface ProposedModel {
  model: string;
  modelNote?: ModelNote | undefined;
}

/** Whether the service may take the model. Only its own list can say no: the built-in one is as old as this version. */
export function isOffered({ modelCatalog }: Pick<ExtensionServices, 'modelCatalog'>, model: string): boolean {
  const { models, source } = modelCatalog.current();
  return source === 'built-in' || models.some(({ id }) => id === model);
}

/** The nearest model to one that is not offered any more. */
export function findSubstitute(
  { modelCatalog }: Pick<ExtensionServices, 'modelCatalog'>,
  model: string,
): ModelInfo | undefined {
  return getSubstitute(modelCatalog.current().models, model);
}

/**
 * The model for a video that repeats another one: the same, so that it costs what that did; or the nearest to it.
 *
 * @param model of that video; empty when it is not known
 * @param usual the model for new videos
 */
export function proposeModel(
  services: Pick<ExtensionServices, 'modelCatalog'>,
  model: string,
  usual: string,
): ProposedModel {
  if (model === '') {
    return { model: usual, modelNote: { kind: 'unknown' } };
  }
  if (isOffered(services, model)) {
    return { model };
  }
  return { model: findSubstitute(services, model)?.id ?? usual, modelNote: { kind: 'replaced', wanted: model } };
}

/**
 * Lets a request begin with model and aspect ratio of the videos that its first frames are from. Of several models it
 * is the cheapest. A ratio that the frames have not, because the service kept the shape of an image, stays the nearest.
 */
export async function continueVideos(
  services: Pick<ExtensionServices, 'modelCatalog' | 'store'>,
  request: GenerationRequest,
): Promise<GenerationRequest> {
  const origins = request.frames.map(({ image }) => image.from);
  if (origins.every((origin) => origin === undefined)) {
    return request;
  }
  await services.store.load();
  const continued = origins.map((origin) => origin && services.store.get(origin.task)?.request);
  // A model that is not known costs who knows what.
  const getPrice = (model: string) => (model === '' ? undefined : services.modelCatalog.priceOf(model)) ?? Infinity;
  const [model = ''] = continued
    .flatMap((task) => task?.model || [])
    .toSorted((a, b) => Math.sign(getPrice(a) - getPrice(b)) || 0);
  const proposed = proposeModel(services, model, request.model);
  const begun = request.with({
    model: proposed.model,
    modelNote: proposed.modelNote ?? { kind: 'continued' },
  });
  const ratio = getCommonRatio(continued);
  const withRatio = ratio && begun.with({ aspectRatio: ratio, isRatioChosen: true });
  return withRatio && withRatio.mismatchedFrames.length === 0 ? withRatio : begun;
}

function getCommonRatio(tasks: readonly (TaskRequest | undefined)[]): TaskRequest['aspectRatio'] {
  const [ratio, ...others] = new Set(tasks.map((task) => task?.aspectRatio));
  return others.length === 0 ? ratio : undefined;
}
