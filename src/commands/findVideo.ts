import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { escapeCodicons } from '../common/text';
import { formatDateTime, formatModelTitle, formatNumber } from '../messages/format';
import { getTaskCapabilities } from '../tasks/model/taskCapabilities';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { formatState, getTaskIcon, getTitleWithTake } from '../views/tasks/taskTreeItem';
import type { TaskViewContext } from '../views/tasks/taskTreeLayout';
import { getExcerpt, VideoSearch } from './videoSearch';

interface VideoItem extends vscode.QuickPickItem {
  /** Absent in the row that says how many more there are. */
  id?: string;
}

/** More than anybody reads; who does not find it among them types another word. */
const SHOWN_AT_MOST = 100;
/** As much of a title as a list of usual width shows. */
const SEEN_CHARS = 70;
/** Who walks through the list does not load each video that they pass. */
const PEEK_AFTER_MS = 250;
/** Changes of many tasks come together. */
const SEARCH_AGAIN_AFTER_MS = 300;

/**
 * Searches all tasks while the user types, and previews the one that is marked. The focus stays in the list: Enter opens
 * the preview, Escape leaves everything as it was.
 *
 * @returns the id of the task that the user chose
 */
export async function findVideo(services: ExtensionServices): Promise<string | undefined> {
  const { store, preview } = services;
  const pick = vscode.window.createQuickPick<VideoItem>();
  pick.title = vscode.l10n.t('Find video');
  pick.placeholder = vscode.l10n.t('Words of the prompt, the model, the state, the day, a file or an ID');
  // What is found is found here, by all words. VS Code shows where, and must not sort by that.
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  (pick as { sortByLabel?: boolean }).sortByLabel = false;
  pick.ignoreFocusOut = true;
  pick.busy = true;
  pick.show();

  const getContext = (record: TaskRecord): TaskViewContext => ({
    now: services.now(),
    readOnly: store.isReadOnly(record.id),
    pauseReason: services.polling.getPauseReason(record),
    promptTake: services.takes.takeOf(record.id),
  });
  const search = new VideoSearch({
    list: () => store.list(),
    formatState: (record) => formatState(record, getContext(record), { withTime: false }),
    now: services.now(),
  });
  let running = new AbortController();
  const update = async () => {
    running.abort();
    const { signal } = (running = new AbortController());
    pick.busy = true;
    const query = pick.value;
    const result = await search.find(query, SHOWN_AT_MOST, signal);
    if (!result) {
      return;
    }
    const active = pick.activeItems[0]?.id;
    const items = result.found.map((record) => createItem(record, query, getContext(record)));
    const more = result.total - result.found.length;
    pick.items = [
      ...items,
      ...(more > 0
        ? [
            {
              label: vscode.l10n.t('{0} more', formatNumber(more)),
              detail: vscode.l10n.t('Another word shows fewer.'),
              alwaysShow: true,
            },
          ]
        : []),
    ];
    const kept = items.find(({ id }) => id === active);
    if (kept && query === lastQuery) {
      pick.activeItems = [kept];
    }
    lastQuery = query;
    pick.busy = false;
  };
  let lastQuery = '';

  let peekTimer: ReturnType<typeof setTimeout> | undefined;
  let againTimer: ReturnType<typeof setTimeout> | undefined;
  let peeked: string | undefined;
  let newest: string | undefined;
  const peek = (id: string | undefined) => {
    clearTimeout(peekTimer);
    // The list opens with the newest marked, which nobody has asked for.
    newest ??= id;
    if (id !== undefined && id !== peeked && (id !== newest || pick.value !== '' || peeked !== undefined)) {
      peekTimer = setTimeout(() => {
        peeked = id;
        void preview.peek(id);
      }, PEEK_AFTER_MS);
    }
  };
  const owned: vscode.Disposable[] = [pick];
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      const refresh = () => void update().catch(reject);
      owned.push(
        pick.onDidChangeValue(refresh),
        pick.onDidChangeActive(([item]) => peek(item?.id)),
        pick.onDidTriggerItemButton(({ item, button }) => {
          const command = (button as ItemButton).command;
          if (command === Commands.again) {
            // It asks questions of its own.
            pick.hide();
          }
          void vscode.commands.executeCommand(command, item.id);
        }),
        pick.onDidAccept(() => {
          const id = pick.selectedItems[0]?.id;
          if (id !== undefined) {
            resolve(id);
          }
        }),
        pick.onDidHide(() => resolve(undefined)),
        store.onDidChange(() => {
          clearTimeout(againTimer);
          againTimer = setTimeout(refresh, SEARCH_AGAIN_AFTER_MS);
        }),
      );
      store.load().then(refresh, reject);
    }).then(async (id) => {
      clearTimeout(peekTimer);
      await preview.endPeek(id);
      return id;
    });
  } finally {
    running.abort();
    clearTimeout(peekTimer);
    clearTimeout(againTimer);
    owned.forEach((part) => void part.dispose());
  }
}

interface ItemButton extends vscode.QuickInputButton {
  command: string;
}

function createItem(record: TaskRecord, query: string, context: TaskViewContext): VideoItem {
  const capabilities = getTaskCapabilities(record, context);
  const excerpt = getExcerpt(record.request.prompt, query, SEEN_CHARS);
  const buttons: ItemButton[] = [
    ...(capabilities.has('savable')
      ? [
          {
            command: Commands.save,
            iconPath: new vscode.ThemeIcon('save'),
            tooltip: vscode.l10n.t('Save to workspace'),
          },
        ]
      : []),
    ...(capabilities.has('retryable')
      ? [
          {
            command: Commands.again,
            iconPath: new vscode.ThemeIcon('debug-rerun'),
            tooltip: vscode.l10n.t('Generate again'),
          },
        ]
      : []),
  ];
  return {
    id: record.id,
    label: escapeCodicons(getTitleWithTake(record, context.promptTake, context.now, SEEN_CHARS), 200),
    iconPath: getTaskIcon(record, context),
    description: escapeCodicons(
      [
        formatState(record, context, { withTime: false }),
        record.request.model && formatModelTitle(record.request.model),
        formatDateTime(record.createdAt),
      ]
        .filter(Boolean)
        .join(' · '),
      200,
    ),
    ...(excerpt === undefined ? {} : { detail: escapeCodicons(excerpt, 200) }),
    buttons,
    alwaysShow: true,
  };
}
