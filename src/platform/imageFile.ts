import * as vscode from 'vscode';
import type { FrameImage } from '../frames/delivery';
import { FrameError } from '../frames/errors';
import { checkImageBytes, inspectImage } from '../frames/image';

/**
 * A file of the workspace, or of any file system that VS Code knows, as a first frame.
 *
 * @throws {FrameError} when the service would not take it
 */
export async function readImageFile(uri: vscode.Uri): Promise<FrameImage> {
  const read = () => readChecked(uri);
  const facts = inspectImage(await read());
  return { source: uri.toString(), label: uri.path.split('/').at(-1) ?? uri.path, file: { facts, read } };
}

async function readChecked(uri: vscode.Uri): Promise<Uint8Array> {
  try {
    // The size first: a file of gigabytes must not be read to find out that it is too large.
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) {
      throw new FrameError('unreadable', {});
    }
    checkImageBytes(size);
    return await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    throw error instanceof FrameError ? error : new FrameError('unreadable', { cause: error });
  }
}
