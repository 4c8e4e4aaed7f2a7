import * as vscode from 'vscode';
import { MAX_READ_CHARS } from '../tasks/model/prompt';
import { UserFacingError } from '../ui/showError';
import { readFilmText, readPlainFilmText, type FilmText } from './filmText';
import { readSelection } from './readSelection';
import { getFacts, isMarkup } from './selectedPrompts';

/**
 * Reads selections as a film, each by itself, in the order of the document.
 *
 * @returns none where nothing is selected that could be a shot
 * @throws {UserFacingError} when more is selected than is read
 */
export function readSelectedFilm(document: vscode.TextDocument, selections: readonly vscode.Range[]): FilmText[] {
  return selections
    .filter(({ isEmpty }) => !isEmpty)
    .toSorted((a, b) => a.start.compareTo(b.start))
    .flatMap((selection) => {
      const text = readSelection(document, selection);
      if (text.length > MAX_READ_CHARS) {
        throw new UserFacingError(
          vscode.l10n.t(
            'More text is selected than one storyboard is made of at once. Select less of it. Nothing was written.',
          ),
        );
      }
      const facts = isMarkup(document) ? getFacts(document, selection) : undefined;
      const film = facts ? readFilmText(text, facts) : readPlainFilmText(text);
      return film.shots.length > 0 ? [film] : [];
    });
}
