import * as vscode from 'vscode';
import { followStoryboards, type FollowServices } from './followStoryboards';
import { isStoryboard } from './storyboardSelector';

/** The address of a draft that is to be a file: VS Code saves it at its path without asking where. */
export function toDraftUri(file: vscode.Uri): vscode.Uri {
  // A share on the network is part of the place. What other file systems have there, VS Code adds by itself.
  return vscode.Uri.from({
    scheme: 'untitled',
    path: file.path,
    authority: file.scheme === 'file' ? file.authority : '',
  });
}

/**
 * Lets the tasks of storyboards that were only in an editor follow them when they are saved. VS Code does not say where a
 * draft was saved to: it opens another document, fills and saves that, and then closes the draft.
 */
export function followSavedDrafts(services: FollowServices): vscode.Disposable {
  const saved = new WeakSet<vscode.TextDocument>();
  const { workspace } = vscode;
  return vscode.Disposable.from(
    workspace.onDidOpenTextDocument(({ uri, isUntitled }) => {
      if (uri.path.endsWith('.storyboard.md') && !isUntitled) {
        void followStoryboards(services, [{ oldUri: toDraftUri(uri), newUri: uri }]);
      }
    }),
    workspace.onDidSaveTextDocument((document) => {
      saved.add(document);
    }),
    workspace.onDidCloseTextDocument((draft) => {
      if (draft.isUntitled && isStoryboard(draft)) {
        const text = withoutSpace(draft);
        // Formatting at saving moves lines.
        const target = workspace.textDocuments.find(
          (document) => saved.has(document) && text !== '' && withoutSpace(document) === text,
        );
        if (target) {
          void followStoryboards(services, [{ oldUri: draft.uri, newUri: target.uri }]);
        }
      }
    }),
  );
}

function withoutSpace(document: vscode.TextDocument): string {
  return document.getText().replace(/\s+/g, '');
}
