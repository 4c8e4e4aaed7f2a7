import * as v from 'valibot';
import * as vscode from 'vscode';
import { toFileStem } from '../common/fileName';
import { formatLink } from '../common/markdownLink';
import { escapeCodicons, escapeForNotification } from '../common/text';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { formatDateTime, formatModelTitle } from '../messages/format';
import { findReferencedFile } from '../platform/referencedFiles';
import { readStoryboard, type ReadStoryboard } from '../platform/storyboardFiles';
import { basename } from '../platform/workspaceFiles';
import { removeItem, setTake } from '../storyboard/edits';
import { nameOfShotKey } from '../storyboard/keys';
import { findSetting } from '../storyboard/parse';
import type { ResolvedShot } from '../storyboard/resolve';
import { getShotTasks } from '../storyboard/shotTasks';
import { matchTakes } from '../storyboard/takes';
import type { TextEdit } from '../prompting/remark';
import { getTaskCapabilities } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { BACK, showPick } from '../ui/quickInput';
import { UserFacingError } from '../ui/showError';
import { formatShotName } from '../views/tasks/filmGroups';
import { formatState, getPriceText, getTaskIcon } from '../views/tasks/taskTreeItem';
import { readKnownStoryboard } from './openStoryboard';
import { saveForStoryboard } from './save';
import { resolveShot } from './storyboardTarget';
import { requireCapability, resolveTask } from './taskArguments';
import { getRelativePath } from './videoReference';

/** A shot of a storyboard as it is on the screen. */
type ReadShot = ReadStoryboard & { shot: ResolvedShot };

/** What is written into the file: `take 2`, and where the video is. */
interface ChosenTake {
  label: string;
  video: vscode.Uri;
}

type TakeAction =
  | { kind: 'take'; record: TaskRecord; number: number }
  /** It has no video: its preview says why, and what can be done. */
  | { kind: 'preview'; record: TaskRecord }
  | { kind: 'file' }
  | { kind: 'keep' }
  | { kind: 'none' };

interface TakeItem extends vscode.QuickPickItem {
  action?: TakeAction;
}

/** Of the pictures in the list. The oldest of many takes are seldom chosen. */
const MAX_POSTERS = 40;
const POSITION_MAX_CHARS = 120;

/**
 * Lets the user choose which take of a shot is in the film: writes it into the file, and saves the video there first if
 * need be.
 *
 * @param argument a shot, of a lens or of a row of the list; nothing for the one at the cursor
 */
export async function chooseTake(services: ExtensionServices, argument: unknown): Promise<void> {
  await services.store.load();
  const read = await resolveNamedShot(services, argument);
  const { document, resolved, shot } = read;
  const takes = getShotTasks(resolved, services.store.list(), document.uri.toString()).of(shot.shot.index);
  const items = await createItems(services, read, takes);
  const picked = await showPick<TakeItem>({
    title: vscode.l10n.t('Take of “{0}”', escapeCodicons(formatShotName(shot.identity), 80)),
    placeholder:
      takes.length === 0
        ? vscode.l10n.t('This shot has no takes yet: generate it, or choose a video that you have')
        : vscode.l10n.t('Which take is in the film?'),
    items,
    active: items.find(({ action }) => action?.kind === 'take' || action?.kind === 'keep'),
    matchOnDescription: true,
  });
  const action = picked === undefined || picked === BACK ? undefined : picked.action;
  switch (action?.kind) {
    case 'take':
      await writeRecord(services, read, action.record, action.number);
      break;
    case 'preview':
      await services.preview.show(action.record.id);
      break;
    case 'file': {
      const video = await pickVideoFile(document.uri);
      if (video) {
        await writeTake(services, read, { label: takeLabel(read, takes.length + 1), video });
      }
      break;
    }
    case 'none':
      await removeTake(services, read);
      break;
    default:
      break;
  }
}

/** The same for a task: chosen for its shot, wherever it was clicked. */
export async function useTake(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const record = await resolveTask(services, argument, selected, 'choosable');
  if (!record.shot) {
    throw new UserFacingError(vscode.l10n.t('This video was not generated for a storyboard.'));
  }
  requireCapability(services, record, 'choosable', vscode.l10n.t('There is no video to choose yet.'));
  const read = await readKnownStoryboard(services, record.shot.document);
  const tasks = getShotTasks(read.resolved, services.store.list(), record.shot.document);
  const shot = read.resolved.shots.find(({ shot: { index } }) => tasks.of(index).some(({ id }) => id === record.id));
  if (!shot) {
    throw new UserFacingError(
      vscode.l10n.t(
        '“{0}” is no longer in this storyboard, so there is no shot to use this take for. It stays in the list.',
        escapeForNotification(formatShotName(record.shot), 80),
      ),
      { title: vscode.l10n.t('Open storyboard'), command: Commands.openStoryboard, arguments: [record.id] },
    );
  }
  const number = tasks.of(shot.shot.index).findIndex(({ id }) => id === record.id) + 1;
  await writeRecord(services, { ...read, shot }, record, number);
}

const NamedShot = v.object({ uri: v.string(), label: v.string(), title: v.optional(v.string(), '') });

/** A row of the list has the name that the shot had when its takes were generated. */
async function resolveNamedShot(services: ExtensionServices, argument: unknown): Promise<ReadShot> {
  const named = v.safeParse(NamedShot, argument);
  if (!named.success) {
    return resolveShot(services, argument);
  }
  const { uri, ...identity } = named.output;
  const read = await readKnownStoryboard(services, uri);
  const shot = findAgain(read, { ...identity, text: '' });
  if (!shot) {
    throw new UserFacingError(
      vscode.l10n.t(
        '“{0}” is no longer in this storyboard. Its takes stay in the list.',
        escapeForNotification(formatShotName(identity), 80),
      ),
    );
  }
  return { ...read, shot };
}

function findAgain({ resolved }: ReadStoryboard, identity: ResolvedShot['identity']): ResolvedShot | undefined {
  const [index] = matchTakes(resolved, [identity], (one) => one).ofShot.keys();
  return index === undefined ? undefined : resolved.shots[index];
}

async function createItems(
  services: ExtensionServices,
  { document, shot }: ReadShot,
  takes: readonly TaskRecord[],
): Promise<TakeItem[]> {
  const place = getPlace(document.uri);
  const target = shot.take && place && findReferencedFile(place, shot.take.target)?.toString();
  const isChosen = ({ saved }: TaskRecord) => target !== undefined && saved.some(({ uri }) => uri === target);
  const numbered = takes.map((record, index) => ({ record, number: index + 1 })).reverse();
  const pictures = await findPosters(services, numbered);
  const items = numbered.map(({ record, number }): TakeItem & { canChoose: boolean } => {
    const context = { now: services.now(), readOnly: services.store.isReadOnly(record.id) };
    const canChoose = getTaskCapabilities(record, context).has('choosable');
    const chosen = isChosen(record);
    const facts = [
      chosen ? vscode.l10n.t('in the film') : undefined,
      formatState(record, context, { withTime: false }),
      record.request.model && formatModelTitle(record.request.model),
      getPriceText(record)[1],
      formatDateTime(record.createdAt),
    ];
    return {
      label: `${chosen ? '$(check) ' : ''}${vscode.l10n.t('Take {0}', number)}`,
      description: escapeCodicons(facts.filter(Boolean).join(' · '), 200),
      iconPath: pictures.get(record.id) ?? getTaskIcon(record, context),
      action: canChoose ? { kind: 'take', record, number } : { kind: 'preview', record },
      canChoose,
    };
  });
  const isOther = !takes.some(isChosen);
  const waiting = items.filter(({ canChoose }) => !canChoose);
  return [
    ...(shot.take && isOther ? [createKept(shot.take)] : []),
    ...items.filter(({ canChoose }) => canChoose),
    ...(waiting.length > 0 ? [createSeparator(vscode.l10n.t('Without a video')), ...waiting] : []),
    createSeparator(''),
    { label: `$(folder-opened) ${vscode.l10n.t('Another video file…')}`, alwaysShow: true, action: { kind: 'file' } },
    ...(shot.take === undefined
      ? []
      : [
          {
            label: `$(close) ${vscode.l10n.t('None: the newest take counts')}`,
            alwaysShow: true,
            action: { kind: 'none' } as const,
          },
        ]),
  ];
}

/** What the file names and no task is: a video that its author has put there. */
function createKept({ label, target }: NonNullable<ResolvedShot['take']>): TakeItem {
  return {
    label: `$(check) ${escapeCodicons(label, 60)}`,
    description: escapeCodicons([vscode.l10n.t('in the film'), decode(target)].join(' · '), POSITION_MAX_CHARS),
    iconPath: new vscode.ThemeIcon('file-media'),
    action: { kind: 'keep' },
  };
}

function createSeparator(label: string): TakeItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function findPosters(
  { posters }: ExtensionServices,
  takes: readonly { record: TaskRecord }[],
): Promise<ReadonlyMap<string, vscode.Uri>> {
  const found = await Promise.all(
    takes.slice(0, MAX_POSTERS).map(async ({ record: { id } }) => [id, await posters.find(id)] as const),
  );
  return new Map(found.flatMap(([id, path]) => (path === undefined ? [] : [[id, vscode.Uri.file(path)] as const])));
}

function decode(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

async function pickVideoFile(document: vscode.Uri): Promise<vscode.Uri | undefined> {
  const place = getPlace(document);
  const [video] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Video of this shot'),
      filters: { [vscode.l10n.t('Video')]: ['mp4', 'm4v', 'mov', 'webm', 'mkv', 'avi', 'gif', 'webp'] },
      ...(place ? { defaultUri: vscode.Uri.joinPath(place, '..') } : {}),
    })) ?? [];
  return video;
}

async function writeRecord(
  services: ExtensionServices,
  read: ReadShot,
  record: TaskRecord,
  number: number,
): Promise<void> {
  const label = takeLabel(read, number);
  const place = getPlace(read.document.uri);
  const video = await saveForStoryboard(services, record, {
    // One that was not saved yet belongs to the folder that it will be in.
    storyboard: place && vscode.workspace.getWorkspaceFolder(place) ? place : read.document.uri,
    folder: read.resolved.folder,
    stem: toFileStem(`${read.shot.identity.label} ${label}`.toLowerCase()),
  });
  if (video) {
    await writeTake(services, read, { label, video });
  }
}

/** A word of the file, in its language. */
function takeLabel({ storyboard: { language } }: ReadStoryboard, number: number): string {
  return `${nameOfShotKey('take', language)} ${number}`;
}

/** The document may have been changed since it was read: fetching a video takes its time. */
async function writeTake(services: ExtensionServices, read: ReadShot, { label, video }: ChosenTake): Promise<void> {
  const place = getPlace(read.document.uri);
  const path =
    place && place.scheme === video.scheme && place.authority === video.authority
      ? getRelativePath(place.path, video.path)
      : undefined;
  if (path === undefined) {
    throw new UserFacingError(
      vscode.l10n.t(
        'No path leads from this storyboard to the video: they are on different drives or file systems. The storyboard is as it was.',
      ),
    );
  }
  const line = `- ${nameOfShotKey('take', read.storyboard.language)}: ${formatLink(label, path)}`;
  const isWritten = await edit(services, read, (text, storyboard, shot) =>
    setTake(text, storyboard, shot, { label, path }),
  );
  if (isWritten === 'written-unseen') {
    const open = vscode.l10n.t('Open storyboard');
    void vscode.window
      .showInformationMessage(
        vscode.l10n.t(
          '“{0}” is in the film with {1} now.',
          escapeForNotification(formatShotName(read.shot.identity), 80),
          escapeForNotification(label, 40),
        ),
        open,
      )
      .then((choice) => {
        const { label: shotLabel, title } = read.shot.identity;
        return choice === open
          ? vscode.commands.executeCommand(Commands.openStoryboard, {
              uri: read.document.uri.toString(),
              label: shotLabel,
              title,
            })
          : undefined;
      });
  } else if (isWritten !== 'written') {
    offerLine(isWritten, line);
  }
}

async function removeTake(services: ExtensionServices, read: ReadShot): Promise<void> {
  const isWritten = await edit(services, read, (text, _storyboard, shot) => {
    const setting = findSetting(shot, 'take');
    return setting && removeItem(text, setting.item);
  });
  if (isWritten === 'read-only') {
    throw new UserFacingError(vscode.l10n.t('This storyboard is read-only, so its line stays as it is.'));
  }
}

/** Nothing is lost: the video is there, and the line can be put in by hand. */
function offerLine(reason: 'read-only' | 'gone', line: string): void {
  const copy = vscode.l10n.t('Copy line');
  void vscode.window
    .showWarningMessage(
      reason === 'gone'
        ? vscode.l10n.t('The shot has left the storyboard meanwhile, so nothing was written. The video is saved.')
        : vscode.l10n.t('The video is saved, but the storyboard cannot be changed: it is read-only or was closed.'),
      copy,
    )
    .then((choice) => (choice === copy ? vscode.env.clipboard.writeText(line) : undefined));
}

type CreateEdit = (
  text: string,
  storyboard: ReadStoryboard['storyboard'],
  shot: ResolvedShot['shot'],
) => TextEdit | undefined;

/**
 * Changes one place of a storyboard, as one step that can be undone. Where an editor shows it, it is left to the user to save
 * it; a file that nobody sees is saved, unless there was something unsaved in it.
 */
async function edit(
  { modelCatalog }: ExtensionServices,
  { document: before, shot: { identity } }: ReadShot,
  create: CreateEdit,
): Promise<'written' | 'written-unseen' | 'read-only' | 'gone'> {
  const { uri } = before;
  for (let attempt = 1; ; attempt++) {
    // The editor refuses what its user could not type either.
    if (!findEditor(uri) && (await isReadOnly(uri))) {
      return 'read-only';
    }
    if (before.isClosed && before.isUntitled) {
      return 'gone';
    }
    const document = before.isClosed ? await vscode.workspace.openTextDocument(uri) : before;
    // From here on nothing is waited for: a file that is read anew in between would get the line at another place.
    const { version, isDirty } = document;
    const read = readStoryboard(modelCatalog, document);
    const shot = findAgain(read, identity);
    const change = shot && create(read.text, read.storyboard, shot.shot);
    if (!change) {
      return 'gone';
    }
    const range = new vscode.Range(document.positionAt(change.start), document.positionAt(change.end));
    const editor = findEditor(uri);
    const isWritten = await (editor
      ? editor.edit((builder) => builder.replace(range, change.text))
      : applyEdit(uri, range, change.text));
    if (isWritten) {
      if (!editor && !isDirty && !document.isUntitled) {
        await document.save();
      }
      return editor ? 'written' : 'written-unseen';
    }
    // VS Code refuses an edit for another version of the document, too.
    if (document.version === version || attempt === MAX_EDITS) {
      return 'read-only';
    }
  }
}

/** A document that is changed again and again while a line is put into it. */
const MAX_EDITS = 5;

function findEditor(uri: vscode.Uri): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
}

function applyEdit(uri: vscode.Uri, range: vscode.Range, text: string): Thenable<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, range, text);
  return vscode.workspace.applyEdit(edit);
}

async function isReadOnly(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === 'untitled') {
    return false;
  }
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) {
    return true;
  }
  const stat = await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
  return stat?.permissions !== undefined && (stat.permissions & vscode.FilePermission.Readonly) !== 0;
}

/**
 * Where a storyboard is, or will be: VS Code saves a draft at the path that it is named by. One that has only a name is taken
 * for a file of the first workspace folder.
 */
function getPlace(uri: vscode.Uri): vscode.Uri | undefined {
  if (uri.scheme !== 'untitled') {
    return uri;
  }
  const roots = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri);
  const own = roots.find(({ path }) => uri.path.startsWith(`${path.replace(/\/$/, '')}/`));
  if (own) {
    return own.with({ path: uri.path });
  }
  const [first] = roots;
  return uri.path.startsWith('/') && (first?.scheme ?? 'file') === 'file'
    ? uri.with({ scheme: 'file' })
    : first && vscode.Uri.joinPath(first, basename(uri));
}
