/**
 * The webview of the cropper. Draws the image that the host sends, and returns what the user has made of it. Text is only
 * set as `textContent`.
 *
 * Tests find elements by these ids and names, so they must not change:
 *
 *     #state[data-state]   loading empty ready working problem
 *     #frame               the crop frame;  .corner[data-corner]  its handles: nw ne sw se
 *     #result #from        size of the result, and of the image
 *     #reason #problem     localized texts
 *     input[name=ratio]    16:9 9:16 1:1 original;  input[name=method]  crop pad;  input[name=color]  average black white
 *     #use #cancel #paste #choose;  #close  if the image cannot be used
 */
import {
  parseHostMessage,
  type CropChoice,
  type CropLimits,
  type CropModel,
  type CropRatio,
  type CropStrings,
  type HostMessage,
  type WebviewMessageInput,
} from '../../views/cropper/protocol';
import { decodeBitmap } from '../shared/decodeImage';
import { connectToHost, readPageData } from '../shared/messages';
import { createThumbnail, drawCanvas, fitInto } from '../shared/thumbnail';
import { CropFrame } from './cropFrame';
import { getPaddedPlace, getResultSize, roundFrame, type Size } from './geometry';
import { acceptImage } from './imageInput';
import { drawResult, encode, getAverageColor, type Cut } from './render';
import { CropperView, fill, place, type Color, type Method } from './view';

/** Longer side of the copy that is drawn on the screen. The result is drawn from the image itself. */
const SCREEN_MAX_PX = 2_400;
const READ_ALOUD_AFTER_MS = 500;

const host = connectToHost<WebviewMessageInput, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as CropStrings;
const limits = readPageData('limits') as CropLimits;
/** Whether the page was opened without an image. */
const asksForImage = readPageData('asks') === true;

let bitmap: ImageBitmap | undefined;
let model: CropModel | undefined;
/** Small enough to be drawn after every change. */
let screenCopy: HTMLCanvasElement | undefined;
let isScreenCopyShown = false;
/** The image that the user pasted, dropped or chose, until the host has validated it. */
let offered: Blob | undefined;
let method: Method = 'crop';
let color: Color = 'average';
let averageColor = 'rgb(0 0 0)';
let readingAloud: ReturnType<typeof setTimeout> | undefined;

const frame: CropFrame = new CropFrame({
  name: strings.frame,
  limits,
  getTarget: () => {
    const choice = getChoice();
    return model && choice && view.state === 'ready' ? { image: model, ratio: choice.ratio } : undefined;
  },
  onChange: drawFrame,
});
const view: CropperView = new CropperView({
  strings,
  frame: frame.element,
  onRatio: chooseRatio,
  onMethod: (value) => {
    method = value;
    draw();
  },
  onColor: (value) => {
    color = value;
    draw();
  },
});
document.body.append(view.page);

view.use.addEventListener('click', () => {
  view.state = 'working';
  // Show the text before drawing, which blocks the page.
  requestAnimationFrame(() =>
    setTimeout(() => {
      sendResult().catch(() => {
        // Usually for lack of memory.
        view.problem.textContent = strings.failed;
        setReady();
      });
    }),
  );
});
for (const button of [view.cancel, view.close]) {
  button.addEventListener('click', cancel);
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    cancel();
  } else if (event.key === 'Enter' && event.target === frame.element && !view.use.disabled) {
    view.use.click();
  }
});

view.state = asksForImage ? 'empty' : 'loading';
if (asksForImage) {
  acceptImage({ view, strings, onImage: offerImage });
  view.paste.focus();
}
host.postMessage({ type: 'ready' });

function onMessage(message: HostMessage): void {
  switch (message.type) {
    case 'image': {
      const image = message.bytes ? new Blob([message.bytes], { type: message.mime }) : offered;
      if (image) {
        void decode(image);
      }
      break;
    }
    case 'fit':
      if (bitmap) {
        showModel(message.model);
      }
      break;
    case 'problem':
      view.problem.textContent = message.text;
      if (view.state === 'working') {
        setReady();
      } else {
        view.state = asksForImage ? 'empty' : 'problem';
      }
      break;
  }
}

/** Sends an image to the host, which validates it before it is decoded. */
async function offerImage(image: Blob, name: string): Promise<void> {
  if (image.size > limits.maxOfferedBytes) {
    view.problem.textContent = strings.tooLarge;
    return;
  }
  view.problem.textContent = '';
  offered = image;
  // One image at a time: the reply of the host must not be taken for that about another image.
  view.state = 'loading';
  host.postMessage({ type: 'offered', bytes: await image.arrayBuffer(), name });
}

async function decode(image: Blob): Promise<void> {
  view.state = 'loading';
  view.problem.textContent = '';
  try {
    // Applies the EXIF orientation. The result contains no metadata of the camera.
    bitmap = await decodeBitmap(image);
    screenCopy = drawScreenCopy(bitmap);
    averageColor = getAverageColor(screenCopy);
  } catch {
    bitmap = undefined;
    host.postMessage({ type: 'undecodable' });
    return;
  }
  view.page.style.setProperty('--average', averageColor);
  host.postMessage({ type: 'decoded', width: bitmap.width, height: bitmap.height });
}

function drawScreenCopy(image: ImageBitmap): HTMLCanvasElement {
  return drawCanvas(fitInto(image, SCREEN_MAX_PX), (context, { width, height }) =>
    context.drawImage(image, 0, 0, width, height),
  );
}

function showModel(fitted: CropModel): void {
  model = fitted;
  view.label.textContent = model.label;
  view.reason.textContent = model.reason ?? '';
  view.reason.hidden = model.reason === undefined;
  isScreenCopyShown = false;
  view.check('color', color);
  setReady();
  chooseRatio(model.chosen);
  // The frame is hidden while the image is padded.
  (frame.element.hidden ? view.use : frame.element).focus({ preventScroll: true });
}

function setReady(): void {
  view.state = 'ready';
  offerMethods();
}

function getChoice(): CropChoice | undefined {
  const checked = view.getChecked('ratio');
  return model?.choices.find(({ id }) => id === checked);
}

function chooseRatio(ratio: CropRatio): void {
  view.check('ratio', ratio);
  const crop = getChoice()?.crop;
  if (crop) {
    frame.rect = crop;
  }
  offerMethods();
  draw();
}

function offerMethods(): void {
  const choice = getChoice();
  if (choice) {
    method = choice.crop ? method : 'pad';
    view.check('method', method);
    view.setCanCrop(choice.crop !== undefined);
  }
}

function draw(): void {
  const choice = getChoice();
  if (!model || !choice || !screenCopy) {
    return;
  }
  const pads = method === 'pad';
  const area = pads ? choice.pad : model;
  view.page.style.setProperty('--ratio', String(area.width / area.height));
  view.page.style.setProperty('--margin', getMarginColor());
  view.board.classList.toggle('padded', pads);
  view.colors.hidden = !pads;
  view.keys.hidden = pads;
  frame.element.hidden = pads;
  place(view.picture, getPaddedPlace(area, model), area);
  if (!isScreenCopyShown) {
    view.picture.width = screenCopy.width;
    view.picture.height = screenCopy.height;
    view.picture.getContext('2d')?.drawImage(screenCopy, 0, 0);
    isScreenCopyShown = true;
  }
  drawFrame();
}

function drawFrame(): void {
  const cut = getCut();
  if (!model || !cut) {
    return;
  }
  place(frame.element, frame.rect, model);
  const size = getSize(cut);
  view.result.textContent = fill(strings.pixels, size.width, size.height);
  view.from.textContent = fill(strings.from, model.width, model.height);
  clearTimeout(readingAloud);
  readingAloud = setTimeout(() => {
    view.spoken.textContent =
      'crop' in cut ? fill(strings.place, size.width, size.height, cut.crop.x, cut.crop.y) : view.result.textContent;
  }, READ_ALOUD_AFTER_MS);
}

function getMarginColor(): string {
  return color === 'average' ? averageColor : color;
}

/** Returns what to draw, as chosen by the user. */
function getCut(): Cut | undefined {
  const choice = getChoice();
  if (!model || !choice) {
    return undefined;
  }
  return method === 'pad'
    ? { pad: choice.pad, color: getMarginColor() }
    : { crop: roundFrame(frame.rect, model, limits) };
}

function getSize(cut: Cut): Size {
  return getResultSize('crop' in cut ? cut.crop : cut.pad, limits);
}

async function sendResult(): Promise<void> {
  const cut = getCut();
  if (!model || !bitmap || !cut) {
    throw new Error('no image');
  }
  const canvas = drawResult(bitmap, cut, getSize(cut));
  const image = await encode(canvas, { lossless: model.lossless, maxBytes: limits.maxBytes });
  const thumbnail = createThumbnail(canvas, 'white');
  if (thumbnail === undefined) {
    throw new Error('nothing was drawn');
  }
  host.postMessage({ type: 'use', bytes: await image.arrayBuffer(), thumbnail });
}

function cancel(): void {
  host.postMessage({ type: 'cancel' });
}
