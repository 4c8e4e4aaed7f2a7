/**
 * Icons of the webviews. Most are Codicons by Microsoft, https://github.com/microsoft/vscode-codicons, used unchanged
 * under the Creative Commons Attribution 4.0 licence: https://creativecommons.org/licenses/by/4.0/. The others,
 * for which there is no codicon, are drawn here in the same style: a grid of 16, `currentColor`.
 */
import checkAll from '@vscode/codicons/src/icons/check-all.svg';
import check from '@vscode/codicons/src/icons/check.svg';
import clearAll from '@vscode/codicons/src/icons/clear-all.svg';
import clockface from '@vscode/codicons/src/icons/clockface.svg';
import close from '@vscode/codicons/src/icons/close.svg';
import copy from '@vscode/codicons/src/icons/copy.svg';
import debugContinue from '@vscode/codicons/src/icons/debug-continue.svg';
import debugPause from '@vscode/codicons/src/icons/debug-pause.svg';
import debugRerun from '@vscode/codicons/src/icons/debug-rerun.svg';
import debugReverseContinue from '@vscode/codicons/src/icons/debug-reverse-continue.svg';
import debugStart from '@vscode/codicons/src/icons/debug-start.svg';
import deviceCameraVideo from '@vscode/codicons/src/icons/device-camera-video.svg';
import deviceCamera from '@vscode/codicons/src/icons/device-camera.svg';
import error from '@vscode/codicons/src/icons/error.svg';
import exportIcon from '@vscode/codicons/src/icons/export.svg';
import fileMedia from '@vscode/codicons/src/icons/file-media.svg';
import filter from '@vscode/codicons/src/icons/filter.svg';
import folderOpened from '@vscode/codicons/src/icons/folder-opened.svg';
import key from '@vscode/codicons/src/icons/key.svg';
import linkExternal from '@vscode/codicons/src/icons/link-external.svg';
import lock from '@vscode/codicons/src/icons/lock.svg';
import mute from '@vscode/codicons/src/icons/mute.svg';
import passFilled from '@vscode/codicons/src/icons/pass-filled.svg';
import question from '@vscode/codicons/src/icons/question.svg';
import saveAll from '@vscode/codicons/src/icons/save-all.svg';
import saveAs from '@vscode/codicons/src/icons/save-as.svg';
import save from '@vscode/codicons/src/icons/save.svg';
import screenFull from '@vscode/codicons/src/icons/screen-full.svg';
import screenNormal from '@vscode/codicons/src/icons/screen-normal.svg';
import search from '@vscode/codicons/src/icons/search.svg';
import sync from '@vscode/codicons/src/icons/sync.svg';
import trash from '@vscode/codicons/src/icons/trash.svg';
import unmute from '@vscode/codicons/src/icons/unmute.svg';
import warning from '@vscode/codicons/src/icons/warning.svg';
import watch from '@vscode/codicons/src/icons/watch.svg';

/** Creates an icon with the line width of the codicons. */
const drawn = (...lines: string[]) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${lines
    .map((line) => `<path d="${line}"/>`)
    .join('')}</svg>`;

const SCREEN =
  'M1.5 4.5a1.5 1.5 0 0 1 1.5-1.5h10a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-10a1.5 1.5 0 0 1-1.5-1.5z';

/** Buttons that run a command use the icon that the command has in package.json. */
const ICONS = {
  play: debugStart,
  pause: debugPause,
  stepBack: debugReverseContinue,
  stepForward: debugContinue,
  loop: sync,
  sound: unmute,
  muted: mute,
  /** 1:1, the actual size. */
  actual: drawn(SCREEN, 'M5 6v4M11 6v4', 'M8 6.7v.1M8 9.3v.1'),
  /** A video that fits the screen. */
  fit: drawn(SCREEN, 'M4.5 5.5h7v5h-7z'),
  enterFullScreen: screenFull,
  leaveFullScreen: screenNormal,
  help: question,
  save,
  saveAs,
  again: debugRerun,
  export: exportIcon,
  openExternal: linkExternal,
  reveal: folderOpened,
  copyPrompt: copy,
  check,
  useTake: check,
  /** A video that continues. The icon of the command would look like the button for the next frame here. */
  continueFromLastFrame: drawn('M1.5 3.5h8v9h-8z', 'M4 3.5v9M1.5 6.5H4M1.5 9.5H4', 'M9.5 8h5M12.5 6l2 2-2 2'),
  useFrame: fileMedia,
  saveFrame: deviceCamera,
  warning,
  error,
  expired: clockface,
  question,
  key,
  lock,
  film: deviceCameraVideo,
  remove: trash,
  /** Two pictures beside each other; one over the other, with the divider between them. */
  compare: drawn('M1.5 4.5h5.5v7H1.5z', 'M9 4.5h5.5v7H9z'),
  wipe: drawn('M1.5 4.5h13v7h-13z', 'M8 2v12', 'M4.5 6.5 3 8l1.5 1.5M11.5 6.5 13 8l-1.5 1.5'),
  saveAll,
  cleanUp: clearAll,
  selectAll: checkAll,
  close,
  search,
  filter,
  underway: watch,
  saved: passFilled,
};
export type IconName = keyof typeof ICONS;

/** Creates an icon that screen readers ignore. */
export function createIcon(name: IconName): SVGElement {
  // Parsing as XML runs no scripts and needs no `innerHTML`.
  const svg = new DOMParser().parseFromString(ICONS[name], 'image/svg+xml').documentElement as Element as SVGElement;
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  return document.importNode(svg, true);
}

/** Changes the icon of an element, if it is another one. */
export function setIcon(element: HTMLElement, name: IconName): void {
  if (element.dataset['icon'] !== name) {
    element.dataset['icon'] = name;
    element.querySelector('svg')?.replaceWith(createIcon(name));
  }
}
