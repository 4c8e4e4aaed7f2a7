import type { Behaviour } from '../options';
import type { AspectRatio, Task } from '../tasks';
import { stamped } from './boxes';
import { encode } from './encoder';
import { makeOtherVideo } from './otherTypes';
import { sceneOf, sizeOf, type Scene } from './scene';

const TINY = { shortSidePx: 90, fps: 24, frames: 6 };
/** Clips kept in memory; a drawn clip is about 1 MB. */
const MAX_CLIPS = 40;

/** Clips by their scene. They depend on nothing else, so all emulators of a process share them. */
const clips = new Map<string, Promise<Uint8Array>>();

/** The bytes behind the task's link: no two tasks, and no two versions of one, have the same. */
export async function videoOf(behaviour: Behaviour, task: Task): Promise<Uint8Array> {
  const { video } = behaviour;
  if (video === 'tiny' || video === 'real') {
    const scene = video === 'tiny' ? tinyScene(task.ar ?? '16:9') : sceneOf(task, behaviour);
    return stamped(await clipOf(scene), task.id, task.fileVersion);
  }
  if (typeof video === 'string') {
    return makeOtherVideo(video, undefined, `${task.id} v${task.fileVersion}`);
  }
  const given = typeof video === 'function' ? await video(task) : video;
  return task.fileVersion === 1 ? given : stamped(given, task.id, task.fileVersion);
}

/** Starts on the task's clip if it has to be encoded, so that it is there when the task is done. */
export function prepareVideo(behaviour: Behaviour, task: Task): void {
  if (typeof behaviour.video === 'string') {
    // Who asks for the file gets the error; there is nobody to tell it here.
    videoOf(behaviour, task).catch(() => undefined);
  }
}

function tinyScene(ar: AspectRatio): Scene {
  const { shortSidePx, fps, frames } = TINY;
  return { prompt: '', model: 'tiny', ar, firstFrame: undefined, ...sizeOf(ar, shortSidePx), fps, frames };
}

function clipOf(scene: Scene): Promise<Uint8Array> {
  const key = JSON.stringify(scene);
  let clip = clips.get(key);
  if (!clip) {
    clip = encode(scene);
    clips.set(key, clip);
    // A failed clip is created again on the next request; the requests that wait for this one get its error.
    clip.catch(() => clips.delete(key));
    const [oldest] = clips.keys();
    if (clips.size > MAX_CLIPS && oldest !== undefined) {
      clips.delete(oldest);
    }
  }
  return clip;
}
