import type * as vscode from 'vscode';
import type { ModelCatalog } from '../api/modelCatalog';
import { checkStoryboard, listFiles, type CheckContext } from '../storyboard/check';
import { StoryboardReader, type Storyboard } from '../storyboard/parse';
import type { Problem } from '../storyboard/problem';
import { resolveStoryboard, type ResolvedStoryboard } from '../storyboard/resolve';
import { ReferencedFiles } from './referencedFiles';
import { readSettings } from './settings';
import { parseSaveFolder } from './workspaceFiles';

/** A storyboard as it is on the screen. */
export interface ReadStoryboard {
  document: vscode.TextDocument;
  text: string;
  storyboard: Storyboard;
  resolved: ResolvedStoryboard;
}

/** What a storyboard is read and checked against: the settings for its folder, the models, the files that it names. */
export function getCheckContext(modelCatalog: ModelCatalog, uri: vscode.Uri, files: ReferencedFiles): CheckContext {
  const { model, aspectRatio, promptChecks } = readSettings(uri);
  const { models, source } = modelCatalog.current();
  return {
    defaults: { model, aspectRatio },
    models,
    areModelsLive: source === 'live',
    promptChecks,
    image: (target) => files.image(uri, target),
    hasVideo: (target) => files.hasVideo(uri, target),
    isFolder: (path) => parseSaveFolder(path) !== undefined,
  };
}

/** Reads a storyboard and everything that it names, as it has to be known before money is spent on it. */
export async function readWholeStoryboard(
  modelCatalog: ModelCatalog,
  document: vscode.TextDocument,
  reader?: StoryboardReader,
): Promise<ReadStoryboard & { problems: readonly Problem[] }> {
  const files = new ReferencedFiles();
  const read = readStoryboard(modelCatalog, document, files, reader);
  await files.look(document.uri, listFiles(read.resolved));
  const problems = checkStoryboard(read.text, read.resolved, getCheckContext(modelCatalog, document.uri, files));
  return { ...read, problems };
}

/** Reads a storyboard by itself. Nothing that it names is looked at. */
export function readStoryboard(
  modelCatalog: ModelCatalog,
  document: vscode.TextDocument,
  files = new ReferencedFiles(),
  reader = new StoryboardReader(),
): ReadStoryboard {
  const text = document.getText();
  const storyboard = reader.read(text);
  return {
    document,
    text,
    storyboard,
    resolved: resolveStoryboard(storyboard, getCheckContext(modelCatalog, document.uri, files)),
  };
}
