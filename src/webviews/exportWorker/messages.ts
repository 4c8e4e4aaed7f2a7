import type { Pixels, SheetLayout } from '../../views/export/plan';
import type { ExportKind } from '../../views/export/protocol';

/** What the page asks its worker for. Both are of one build, so nothing is checked here. */
export type WorkerRequest =
  /** Tries out a few frames. Their palette is kept for the export with the same `key`. */
  | {
      type: 'estimate';
      kind: ExportKind;
      size: Pixels;
      /** Of the whole export. */
      count: number;
      /** Frames that follow one another, from all over the export. */
      runs: ImageBitmap[][];
      key: string;
    }
  | {
      type: 'begin';
      kind: ExportKind;
      size: Pixels;
      loops: boolean;
      layout: SheetLayout | undefined;
      key: string;
    }
  | { type: 'add'; frame: ImageBitmap; durationMs: number }
  | { type: 'finish' };

export type WorkerReply =
  /** `bytes`: about how many the whole will have, or how many there are so far. */
  | { type: 'bytes'; bytes: number }
  /** A frame as PNG, or the whole file. */
  | { type: 'file'; file: ArrayBuffer }
  /** There is no palette for the key: `estimate` comes first. */
  | { type: 'failed' };
