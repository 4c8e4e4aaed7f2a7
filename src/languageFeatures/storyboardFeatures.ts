import * as vscode from 'vscode';
import { isImageName } from '../images/imageNames';
import type { ExtensionServices } from '../container';
import { describeProblem, describeProblemFix } from '../messages/storyboardProblems';
import type { TextEdit } from '../prompting/remark';
import type { Span } from '../storyboard/mappedText';
import type { Problem, Severity } from '../storyboard/problem';
import { getCompletions, type Completion } from './completion';
import { describeTakes, getHover, type ShownTake } from './hover';
import { findDefinition, findNameAt, rename } from './names';
import { findReferencedFile } from '../platform/referencedFiles';
import { followSavedDrafts } from '../platform/savedDrafts';
import type { ReadStoryboard } from '../platform/storyboardFiles';
import { STORYBOARDS } from '../platform/storyboardSelector';
import { StoryboardDocuments } from './storyboardDocuments';
import { StoryboardLenses } from './storyboardLenses';
import { isChosenTake, StoryboardTasks } from './storyboardTasks';

type Services = Pick<
  ExtensionServices,
  'modelCatalog' | 'store' | 'estimates' | 'polling' | 'storyboardRuns' | 'posters' | 'now' | 'log'
>;

/** Registers what an editor can do for storyboards, and checks those that are open. */
export function startLanguageFeatures(services: Services): vscode.Disposable {
  const documents = new StoryboardDocuments(services);
  const tasks = new StoryboardTasks(services);
  const lenses = new StoryboardLenses(documents, tasks, services);
  const diagnostics = vscode.languages.createDiagnosticCollection('seedance-storyboard');
  return vscode.Disposable.from(
    documents,
    tasks,
    lenses,
    diagnostics,
    documents.onDidCheck(({ read: { document }, problems }) => {
      // An earlier version in git, beside the file itself: what is wrong there cannot be mended.
      if (vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) !== false) {
        diagnostics.set(
          document.uri,
          problems.map((problem) => toDiagnostic(document, problem)),
        );
      }
    }),
    documents.onDidClose(({ uri }) => diagnostics.delete(uri)),
    followSavedDrafts(services),
    vscode.languages.registerCodeActionsProvider(STORYBOARDS, new Fixes(documents), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    vscode.languages.registerCompletionItemProvider(STORYBOARDS, new Completions(documents, services), '@', ':', ' '),
    vscode.languages.registerHoverProvider(STORYBOARDS, new Hovers(documents, tasks, services)),
    vscode.languages.registerCodeLensProvider(STORYBOARDS, lenses),
    vscode.languages.registerRenameProvider(STORYBOARDS, new Renames(documents)),
    vscode.languages.registerDefinitionProvider(STORYBOARDS, new Definitions(documents)),
  );
}

/** Where a diagnostic is found again by who fixes it. */
function toDiagnostic(document: vscode.TextDocument, problem: Problem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    toRange(document, problem.span),
    describeProblem(problem),
    SEVERITIES[problem.severity],
  );
  diagnostic.source = 'Seedance';
  diagnostic.code = getCode(problem);
  if (problem.code === 'repeated-shot' || problem.code === 'repeated-name') {
    const place = new vscode.Location(document.uri, toRange(document, problem.params.first));
    diagnostic.relatedInformation = [
      new vscode.DiagnosticRelatedInformation(place, vscode.l10n.t('The first one is here.')),
    ];
  }
  return diagnostic;
}

function getCode(problem: Problem): string {
  return problem.code === 'prompt' ? problem.params.remark.rule : problem.code;
}

const SEVERITIES: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

class Fixes implements vscode.CodeActionProvider {
  constructor(private readonly documents: StoryboardDocuments) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const { version } = document;
    const checked = await this.documents.check(document);
    if (!checked || document.version !== version) {
      return [];
    }
    const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    const here = checked.problems.filter(({ span }) => span.start <= to && from <= span.end);
    return here.flatMap((problem) => {
      const place = toRange(document, problem.span);
      const told = diagnostics.filter(({ code, range: own }) => code === getCode(problem) && own.isEqual(place));
      return problem.fixes.map((fix) => {
        const action = new vscode.CodeAction(describeProblemFix(fix), vscode.CodeActionKind.QuickFix);
        action.edit = toWorkspaceEdit(document, fix.edits);
        action.diagnostics = told;
        action.isPreferred = problem.fixes.length === 1;
        return action;
      });
    });
  }
}

class Completions implements vscode.CompletionItemProvider {
  constructor(
    private readonly documents: StoryboardDocuments,
    private readonly services: Services,
  ) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    _token: vscode.CancellationToken,
    { triggerKind }: vscode.CompletionContext,
  ): Promise<vscode.CompletionItem[]> {
    const read = await this.documents.read(document);
    if (!read) {
      return [];
    }
    const { models } = this.services.modelCatalog.current();
    const isAskedFor = triggerKind !== vscode.CompletionTriggerKind.TriggerCharacter;
    return getCompletions(read, document.offsetAt(position), { models, isAskedFor }).map((one, index) =>
      toItem(document, one, index),
    );
  }
}

const KINDS: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.Value,
  model: vscode.CompletionItemKind.EnumMember,
  shot: vscode.CompletionItemKind.Reference,
  name: vscode.CompletionItemKind.User,
  word: vscode.CompletionItemKind.Text,
};

function toItem(document: vscode.TextDocument, completion: Completion, index: number): vscode.CompletionItem {
  const { label, kind, insert, replace, detail, filter, goesOn, isSnippet } = completion;
  const item = new vscode.CompletionItem(
    detail === undefined || detail === '' ? label : { label, description: detail },
    KINDS[kind],
  );
  item.insertText = isSnippet ? new vscode.SnippetString(insert) : insert;
  item.range = toRange(document, replace);
  item.sortText = String(index).padStart(5, '0');
  if (filter !== undefined) {
    item.filterText = filter;
  }
  if (goesOn) {
    item.command = { command: 'editor.action.triggerSuggest', title: '' };
  }
  return item;
}

class Hovers implements vscode.HoverProvider {
  constructor(
    private readonly documents: StoryboardDocuments,
    private readonly tasks: StoryboardTasks,
    private readonly services: Services,
  ) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const read = await this.documents.read(document);
    const picture = (target: string) => {
      const uri = isImageName(target) ? findReferencedFile(document.uri, target) : undefined;
      return uri && `![](${uri.toString().replace(/[()]/g, encodeURIComponent)}|width=240)`;
    };
    const priceOf = (model: string) => this.services.modelCatalog.priceOf(model);
    const hover = read && getHover(read, document.offsetAt(position), priceOf, picture);
    if (!hover) {
      return undefined;
    }
    const range = toRange(document, hover.span);
    const takes = hover.shot === undefined ? [] : describeTakes(await this.#getTakes(read, hover.shot));
    return new vscode.Hover(
      [...hover.blocks, ...takes].map((block) => new vscode.MarkdownString(block)),
      range,
    );
  }

  /** The newest finished takes, and the chosen one however old it is, by age. */
  async #getTakes(read: ReadStoryboard, index: number): Promise<ShownTake[]> {
    const tasks = await this.tasks.of(read);
    const shot = read.resolved.shots[index]!;
    const all = tasks?.of(index) ?? [];
    const finished = all.filter(({ state }) => state === 'done');
    const chosen = finished.findLast((record) => isChosenTake(read.document.uri, shot, record));
    const shown = new Set([...(chosen ? [chosen] : []), ...finished.toReversed()].slice(0, MAX_TAKES_SHOWN));
    return Promise.all(
      all
        .flatMap((record, at) => (shown.has(record) ? [{ record, number: at + 1 }] : []))
        .map(async (take) => {
          const { id, createdAt, cost, quotedPrice } = take.record;
          const isNewest = shot.take === undefined && take.record === finished.at(-1);
          return {
            number: take.number,
            createdAt,
            price: cost ?? quotedPrice,
            counts: take.record === chosen ? 'chosen' : isNewest ? 'newest' : undefined,
            poster: await this.services.posters.read(id),
          };
        }),
    );
  }
}

const MAX_TAKES_SHOWN = 4;

class Renames implements vscode.RenameProvider {
  constructor(private readonly documents: StoryboardDocuments) {}

  async prepareRename(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<{ range: vscode.Range; placeholder: string }> {
    const read = await this.documents.read(document);
    const name = read && findNameAt(read, document.offsetAt(position));
    if (!name) {
      throw new Error(vscode.l10n.t('Put the cursor on a name of the cast to rename it.'));
    }
    return { range: toRange(document, name.span), placeholder: name.member.name };
  }

  async provideRenameEdits(
    document: vscode.TextDocument,
    position: vscode.Position,
    newName: string,
  ): Promise<vscode.WorkspaceEdit | undefined> {
    const read = await this.documents.read(document);
    const name = read && findNameAt(read, document.offsetAt(position));
    return name && toWorkspaceEdit(document, rename(read, name, newName));
  }
}

class Definitions implements vscode.DefinitionProvider {
  constructor(private readonly documents: StoryboardDocuments) {}

  async provideDefinition(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.DefinitionLink[] | undefined> {
    const read = await this.documents.read(document);
    const found = read && findDefinition(read, document.offsetAt(position));
    return (
      found && [
        {
          originSelectionRange: toRange(document, found.from),
          targetUri: document.uri,
          targetRange: toRange(document, found.to),
        },
      ]
    );
  }
}

function toRange(document: vscode.TextDocument, { start, end }: Span): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function toWorkspaceEdit(document: vscode.TextDocument, edits: readonly TextEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  edit.set(
    document.uri,
    edits.map(({ text, ...span }) => new vscode.TextEdit(toRange(document, span), text)),
  );
  return edit;
}
