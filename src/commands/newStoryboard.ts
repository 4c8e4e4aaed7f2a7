import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { numbered, toFileStem } from '../common/fileName';
import { escapeForNotification } from '../common/text';
import { createDraftFromTexts, type FilmText } from '../generation/filmText';
import { readSelectedFilm } from '../generation/selectedFilm';
import { formatNumber } from '../messages/format';
import { toDraftUri } from '../platform/savedDrafts';
import { parseStoryboardPath, STORYBOARD_ENDING, toStoryboardPath } from '../platform/storyboardPath';
import { basename, exists, isFileNotFound, writeIfFree } from '../platform/workspaceFiles';
import { createExample } from '../storyboard/example';
import { createDraftFromTasks } from '../storyboard/fromTasks';
import type { KeyLanguage } from '../storyboard/keys';
import { toTaskShot } from '../storyboard/shotTasks';
import { nameOfShot, writeStoryboard, type StoryboardDraft } from '../storyboard/write';
import { StoreError } from '../tasks/model/errors';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { withShot } from '../tasks/model/transitions';
import { BACK, showInput, showPick } from '../ui/quickInput';
import { showError, UserFacingError } from '../ui/showError';
import { choosePlace, findSavedPlaces, pickFolder, writeToChosen } from './save';
import { getTaskIds, resolveTasks } from './taskArguments';
import { getRelativePath } from './videoReference';

/** What a new storyboard begins with. */
type Source =
  | { kind: 'example'; folder?: vscode.Uri }
  | { kind: 'text'; document: vscode.TextDocument; texts: readonly FilmText[] }
  | { kind: 'tasks'; records: readonly TaskRecord[] };

/**
 * Makes a storyboard of the tasks that the command was called for, of the text that is selected, or as an example, and
 * opens it. The tasks belong to its shots from then on. Nothing is sent.
 *
 * @param argument a folder, or what `resolveTasks` takes
 * @returns the URI of the file; `undefined` when the user gave up or it could not be written
 */
export async function newStoryboard(
  services: ExtensionServices,
  argument?: unknown,
  selected?: unknown,
): Promise<string | undefined> {
  const source = await findSource(services, argument, selected);
  const place = source && (await askForPlace(source));
  if (!source || !place) {
    return undefined;
  }
  const { uri } = place;
  const made = await createDraft(services, source, uri);
  const text = writeStoryboard(made.draft);
  try {
    if (!(await write(services, place, text))) {
      return undefined;
    }
  } catch (error) {
    // The text is not lost, and is a storyboard already.
    await openUnsaved(services, text, uri);
    services.log.error(Commands.newStoryboard, error);
    throw new UserFacingError(
      vscode.l10n.t(
        'The storyboard could not be written to “{0}”: {1} It is open as a file that is not saved yet: save it where you can write. Nothing was sent.',
        escapeForNotification(vscode.workspace.asRelativePath(uri), 200),
        escapeForNotification(getSentence(error), 300),
      ),
    );
  }
  await open(await vscode.workspace.openTextDocument(uri));
  if (source.kind === 'tasks') {
    await giveTasks(services, source.records, made, uri);
  }
  return uri.toString();
}

async function findSource(
  services: ExtensionServices,
  argument: unknown,
  selected: unknown,
): Promise<Source | undefined> {
  if (argument instanceof vscode.Uri && (await isFolder(argument))) {
    return { kind: 'example', folder: argument };
  }
  if (!(argument instanceof vscode.Uri) && getTaskIds(services, argument) !== undefined) {
    return { kind: 'tasks', records: requirePrompts(await resolveTasks(services, argument, selected)) };
  }
  const editor = vscode.window.activeTextEditor;
  const texts = editor ? readSelectedFilm(editor.document, editor.selections) : [];
  const text: Source | undefined =
    editor && texts.length > 0 ? { kind: 'text', document: editor.document, texts } : undefined;
  const tasks = argument === undefined && services.tree.selection.length > 0 ? await findSelectedTasks(services) : [];
  return tasks.length === 0 ? (text ?? { kind: 'example' }) : askForSource(text, tasks);
}

async function findSelectedTasks(services: ExtensionServices): Promise<TaskRecord[]> {
  await services.store.load();
  return services.tree.selection
    .flatMap((id) => services.store.get(id) ?? [])
    .filter(({ request }) => hasPrompt(request));
}

/** @throws {UserFacingError} when none of them has one */
function requirePrompts(records: readonly TaskRecord[]): TaskRecord[] {
  const fits = records.filter(({ request }) => hasPrompt(request));
  if (fits.length === 0) {
    throw new UserFacingError(
      vscode.l10n.t('The prompt of this task is not known, so no shot can be made of it. Nothing was written.'),
    );
  }
  return fits;
}

function hasPrompt({ prompt }: TaskRecord['request']): boolean {
  return /\S/.test(prompt);
}

type SourceItem = vscode.QuickPickItem & { source: Source };

/** A row of the list is selected whenever it was clicked once, so that alone does not say what is meant. */
async function askForSource(text: Source | undefined, records: readonly TaskRecord[]): Promise<Source | undefined> {
  const items: SourceItem[] = [
    ...(text?.kind === 'text'
      ? [
          {
            label: `$(selection) ${vscode.l10n.t('Of the selected text')}`,
            description: vscode.l10n.t('Shots: {0}', formatNumber(countShots(text.texts))),
            source: text,
          },
        ]
      : []),
    {
      label: `$(list-tree) ${vscode.l10n.t('Of the tasks that are selected in the list')}`,
      description: vscode.l10n.t('Tasks: {0}', formatNumber(records.length)),
      source: { kind: 'tasks', records },
    },
    ...(text
      ? []
      : [
          {
            label: `$(lightbulb) ${vscode.l10n.t('A short example to write over')}`,
            source: { kind: 'example' as const },
          },
        ]),
  ];
  const picked = await showPick({
    title: vscode.l10n.t('New storyboard'),
    placeholder: vscode.l10n.t('What should it be made of?'),
    items,
  });
  return picked === undefined || picked === BACK ? undefined : picked.source;
}

function countShots(texts: readonly FilmText[]): number {
  return texts.reduce((sum, { shots }) => sum + shots.length, 0);
}

/** Where the file is to be. `isChosen`: a dialog has asked about what is there already. */
interface Place {
  uri: vscode.Uri;
  isChosen: boolean;
}

/** In the workspace a name is proposed, beside the text that it is made of; elsewhere a dialog asks. */
async function askForPlace(source: Source): Promise<Place | undefined> {
  const stem = getStem(source);
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    return chooseInDialog(vscode.Uri.joinPath(vscode.Uri.file(homedir()), stem + STORYBOARD_ENDING));
  }
  const beside =
    source.kind === 'example'
      ? source.folder
      : source.kind === 'text' && source.document.uri.scheme !== 'untitled'
        ? vscode.Uri.joinPath(source.document.uri, '..')
        : undefined;
  const own = beside && vscode.workspace.getWorkspaceFolder(beside);
  const root = own ?? (await pickFolder(folders, vscode.l10n.t('Which folder should the storyboard be in?')));
  if (!root) {
    return undefined;
  }
  const inside = own && beside ? getRelativePath(`${root.uri.path.replace(/\/$/, '')}/file`, beside.path) : undefined;
  return askForName(root, await findFreePath(root.uri, inside || '.', stem));
}

const DIALOG = Symbol('dialog');

async function askForName(root: vscode.WorkspaceFolder, value: string): Promise<Place | undefined> {
  const toUri = (text: string) => {
    const parts = parseStoryboardPath(text);
    return parts && vscode.Uri.joinPath(root.uri, ...parts);
  };
  const answer = await showInput<typeof DIALOG>({
    title: vscode.l10n.t('New storyboard'),
    // A link in it would run a command, as in a notification.
    prompt: vscode.l10n.t('The file, from the folder “{0}” on', escapeForNotification(root.name, 80)),
    value,
    validate: (text) =>
      toUri(text) === undefined
        ? vscode.l10n.t('This is no name of a file in this folder. Example: {0}', `film${STORYBOARD_ENDING}`)
        : undefined,
    check: async (text) =>
      // Where it cannot be told, writing tells.
      (await exists(toUri(text)!).catch(() => false))
        ? vscode.l10n.t('There is a file of this name already. Choose another one.')
        : undefined,
    extras: [
      {
        button: { iconPath: new vscode.ThemeIcon('folder-opened'), tooltip: vscode.l10n.t('Choose another folder…') },
        answer: () => DIALOG,
      },
    ],
  });
  if (answer === undefined || answer === BACK) {
    return undefined;
  }
  return answer === DIALOG
    ? chooseInDialog(vscode.Uri.joinPath(root.uri, value))
    : { uri: toUri(answer)!, isChosen: false };
}

async function chooseInDialog(defaultUri: vscode.Uri): Promise<Place | undefined> {
  const chosen = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('New storyboard'),
    filters: { [vscode.l10n.t('Storyboards')]: ['md'] },
    defaultUri,
  });
  if (!chosen) {
    return undefined;
  }
  const path = toStoryboardPath(chosen.path);
  // Of a name that we have completed, the dialog has not asked.
  return path === chosen.path ? { uri: chosen, isChosen: true } : { uri: chosen.with({ path }), isChosen: false };
}

function getStem(source: Source): string {
  const name =
    source.kind === 'text'
      ? basename(source.document.uri).replace(/(?:\.storyboard)?\.[^.]*$/i, '')
      : vscode.l10n.t('Film').toLocaleLowerCase();
  return toFileStem(name, 'film');
}

async function findFreePath(root: vscode.Uri, folder: string, stem: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const name = numbered(stem, attempt) + STORYBOARD_ENDING;
    const path = folder === '.' ? name : `${folder}/${name}`;
    // Where it cannot be told, writing tells.
    if (attempt > MAX_TRIES || !(await exists(vscode.Uri.joinPath(root, path)).catch(() => false))) {
      return path;
    }
  }
}

const MAX_TRIES = 99;

interface Made {
  draft: StoryboardDraft;
  shotOf: ReadonlyMap<string, number>;
  framesLeftOut: number;
}

async function createDraft(services: ExtensionServices, source: Source, uri: vscode.Uri): Promise<Made> {
  const none = { shotOf: new Map<string, number>(), framesLeftOut: 0 };
  const title = toTitle(basename(uri).slice(0, -STORYBOARD_ENDING.length));
  switch (source.kind) {
    case 'example':
      return { draft: createExample(isRussianUser() ? 'ru' : 'en'), ...none };
    case 'text': {
      const prompts = source.texts.flatMap(({ shots }) => shots.map(({ prompt }) => prompt));
      return { draft: createDraftFromTexts(source.texts, { language: chooseLanguage(prompts), title }), ...none };
    }
    case 'tasks': {
      const prompts = source.records.map(({ request }) => request.prompt);
      const saved = await findSavedPlaces(services, source.records, undefined);
      const toPath = (file: vscode.Uri | undefined) => file && getPathInWorkspace(uri, file);
      return createDraftFromTasks(source.records, {
        language: chooseLanguage(prompts),
        title,
        places: {
          video: ({ id }) => toPath(saved.get(id)),
          firstFrame: ({ request }) => getFrame(request.firstFrame, toPath),
        },
      });
    }
  }
}

/** The file of a first frame, or its link; a link that only a key opens is none to write down. */
function getFrame(
  frame: TaskRecord['request']['firstFrame'],
  toPath: (file: vscode.Uri) => string | undefined,
): string | undefined {
  if (!frame || frame.isLinkSecret) {
    return undefined;
  }
  try {
    const uri = vscode.Uri.parse(frame.source, true);
    return uri.scheme === 'https' || uri.scheme === 'http' ? frame.source : toPath(uri);
  } catch {
    return undefined;
  }
}

/** The way from a document to a file of the workspace; others have no such file, or not at this place. */
function getPathInWorkspace(document: vscode.Uri, file: vscode.Uri): string | undefined {
  const isReachable =
    file.scheme === document.scheme &&
    file.authority === document.authority &&
    vscode.workspace.getWorkspaceFolder(file) !== undefined;
  return isReachable ? getRelativePath(document.path, file.path) : undefined;
}

/** The keys and names of shots are in the language of VS Code, and in Russian where the prompts are. */
function chooseLanguage(prompts: readonly string[]): KeyLanguage {
  const letters = prompts.join('').match(/\p{L}/gu)?.length ?? 0;
  const cyrillic = prompts.join('').match(/\p{Script=Cyrillic}/gu)?.length ?? 0;
  return isRussianUser() || cyrillic * 2 > letters ? 'ru' : 'en';
}

function isRussianUser(): boolean {
  return /^ru\b/i.test(vscode.env.language);
}

/** `the-letter` is called “The letter”. */
function toTitle(stem: string): string {
  const words = stem.replace(/[-_\s]+/g, ' ').trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** @returns whether it was written; the user may have given up */
async function write(services: ExtensionServices, { uri, isChosen }: Place, text: string): Promise<boolean> {
  const bytes = new TextEncoder().encode(text);
  if (isChosen) {
    return (await writeToChosen(services, await choosePlace(services, uri), bytes)) !== undefined;
  }
  const folder = vscode.Uri.joinPath(uri, '..');
  if (!(await exists(folder).catch(() => true))) {
    await vscode.workspace.fs.createDirectory(folder);
  }
  if (!(await writeIfFree(bytes, uri))) {
    throw new Error(vscode.l10n.t('There is a file of this name already.'));
  }
  return true;
}

/** Opens a text that could not be written as a file that is not saved yet. Before it is closed, VS Code asks. */
async function openUnsaved(services: ExtensionServices, text: string, wanted: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(await findDraftUri(services, wanted));
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, text);
  await vscode.workspace.applyEdit(edit);
  await open(document);
}

/**
 * The address of a draft holds the whole path, so that VS Code saves it there and its tasks follow (`followSavedDrafts`).
 * It is one that no other draft has or had: that one's text would be continued, and its tasks would seem to be of this one.
 */
async function findDraftUri({ store }: ExtensionServices, wanted: vscode.Uri): Promise<vscode.Uri> {
  // The text counts more than what the list may show beside it.
  await store.load().catch(() => undefined);
  const taken = new Set([
    ...store.list().map(({ shot }) => shot?.document),
    ...vscode.workspace.textDocuments.map(({ uri }) => uri.toString()),
  ]);
  const stem = basename(wanted).slice(0, -STORYBOARD_ENDING.length);
  for (let attempt = 1; ; attempt++) {
    const file = vscode.Uri.joinPath(wanted, '..', numbered(stem, attempt) + STORYBOARD_ENDING);
    const draft = toDraftUri(file);
    // VS Code opens no draft in the place of a file.
    if (attempt > MAX_TRIES || !(taken.has(draft.toString()) || (await exists(file).catch(() => false)))) {
      return draft;
    }
  }
}

async function open(document: vscode.TextDocument): Promise<void> {
  await vscode.window.showTextDocument(document, { preview: false, selection: new vscode.Range(0, 0, 0, 0) });
}

function getSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The tasks are takes of the shots that were made of them. Those of another film stay there: that one must not lose them. */
async function giveTasks(
  services: ExtensionServices,
  records: readonly TaskRecord[],
  { draft, shotOf, framesLeftOut }: Made,
  uri: vscode.Uri,
): Promise<void> {
  const document = uri.toString();
  let ofOthers = 0;
  for (const { id, shot: before } of records) {
    const index = shotOf.get(id);
    if (index === undefined) {
      continue;
    }
    const other = before && before.document !== document ? before.document : undefined;
    const isGone = other !== undefined && (await isDeleted(other));
    const shot = toTaskShot(document, {
      label: nameOfShot(index, draft.language),
      title: draft.shots[index]?.title ?? '',
      text: '',
    });
    try {
      const after = await services.store.update(id, withShot(shot, isGone ? other : undefined));
      ofOthers += after.shot?.document === document ? 0 : 1;
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === 'gone')) {
        showError(services, Commands.newStoryboard, error);
      }
    }
  }
  const told = [
    ...(ofOthers > 0 ? [vscode.l10n.t('Takes that stay with another storyboard: {0}.', formatNumber(ofOthers))] : []),
    ...(framesLeftOut > 0
      ? [
          vscode.l10n.t(
            'First frames that are no files of this workspace and were left out: {0}.',
            formatNumber(framesLeftOut),
          ),
        ]
      : []),
  ];
  if (told.length > 0) {
    void vscode.window.showInformationMessage(told.join(' '));
  }
}

async function isDeleted(text: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(vscode.Uri.parse(text, true));
    return false;
  } catch (error) {
    return isFileNotFound(error);
  }
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  try {
    return Boolean((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.Directory);
  } catch {
    return false;
  }
}
