// @ts-check
/**
 * The page that makes an image fit. Draws what the host hands over (`ToCropper` of
 * src/views/cropperMessages.ts), and gives back what the person has made of it. Text is only ever set as text.
 *
 * What people see is found by these hooks, which the tests use and which therefore stay:
 *
 *     #state[data-state]   loading empty ready working problem
 *     #frame               the crop frame;  .corner[data-corner]  its handles: nw ne sw se
 *     #result #from        the size that comes out, and the image's
 *     #reason #problem     in words
 *     input[name=ratio]    16:9 9:16 1:1 original;  input[name=method]  crop pad;  input[name=color]  average black white
 *     #use #cancel #paste #choose;  #close  where nothing can be done
 */

(() => {
  /**
   * @typedef {import('../src/views/cropperMessages').CropModel} Model
   * @typedef {import('../src/views/cropperMessages').CropChoice} Choice
   * @typedef {import('../src/views/cropperMessages').CropLimits} Limits
   * @typedef {import('../src/views/cropperMessages').CropStrings} Strings
   * @typedef {import('../src/frames/fit').Rect} Rect
   * @typedef {import('../src/frames/shape').Size} Size
   * @typedef {'average' | 'black' | 'white'} Color
   */

  /** @type {{ postMessage(message: unknown): void }} */
  const host = /** @type {any} */ (globalThis).acquireVsCodeApi();
  const boot = /** @type {HTMLMetaElement} */ (document.getElementById('seedance'));
  /** @type {Strings} */
  const words = JSON.parse(boot.dataset['strings'] ?? '{}');
  /** @type {Limits} */
  const limits = JSON.parse(boot.dataset['limits'] ?? '{}');
  /** Whether the person has to bring the image. */
  const asks = boot.dataset['asks'] === 'true';

  const PASTE_KEYS = /mac/i.test(navigator.platform) ? '⌘V' : 'Ctrl+V';
  /** A longer side of what is drawn on the screen; the result is drawn from the image itself. */
  const SCREEN_MAX_PX = 2_400;
  const THUMBNAIL_MAX_PX = 160;
  const THUMBNAIL_MAX_CHARS = 12_000;
  /** A larger PNG is a photograph after all. */
  const PNG_MAX_BYTES = 12 * 1024 * 1024;
  const QUALITIES = [0.92, 0.8, 0.6];
  const READ_ALOUD_AFTER_MS = 500;

  /** @type {ImageBitmap | undefined} */
  let bitmap;
  /** @type {Model | undefined} */
  let model;
  /** Small enough to be drawn at every change. @type {HTMLCanvasElement | undefined} */
  let screenCopy;
  /** What the person brought, until the host has looked at it. @type {Blob | undefined} */
  let offered;
  /** @type {'crop' | 'pad'} */
  let method = 'crop';
  /** @type {Color} */
  let color = 'average';
  let averageColor = 'rgb(0 0 0)';
  /** In pixels of the image, not yet rounded. @type {Rect} */
  let frame = { x: 0, y: 0, width: 1, height: 1 };
  let readAloud = 0;

  // --- small tools

  /**
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} tag
   * @param {Record<string, string>} [attributes]
   * @param {(Node | string)[]} children
   * @returns {HTMLElementTagNameMap[K]}
   */
  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  /**
   * @param {string} text
   * @param {(string | number)[]} values
   */
  const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)] ?? ''));
  const number = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });
  /**
   * @param {string} text
   * @param {number[]} values
   */
  const count = (text, ...values) => fill(text, ...values.map((value) => number.format(value)));
  /**
   * @param {number} value
   * @param {number} least
   * @param {number} most
   */
  const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

  /**
   * A row of choices, one of which holds.
   *
   * @param {string} name
   * @param {string} title
   * @param {[value: string, label: string, picture?: Node][]} options
   * @param {(value: any) => void} choose
   */
  function choiceRow(name, title, options, choose) {
    const row = h('div', { class: 'segments', role: 'radiogroup', 'aria-label': title });
    for (const [value, label, picture] of options) {
      const input = h('input', { type: 'radio', name, value, class: 'spoken', 'aria-label': label });
      input.addEventListener('change', () => choose(value));
      row.append(h('label', {}, input, h('span', { class: 'segment' }, ...(picture ? [picture] : []), label)));
    }
    return h('section', {}, h('h2', {}, title), row);
  }

  /** @param {string} name */
  const inputs = (name) => /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll(`input[name="${name}"]`)]);
  /**
   * @param {string} name
   * @param {string} value
   */
  const check = (name, value) => inputs(name).forEach((input) => (input.checked = input.value === value));

  /** @param {string} ratio */
  const shape = (ratio) => h('span', { class: 'shape', 'data-ratio': ratio, 'aria-hidden': 'true' });

  // --- the page

  const picture = h('canvas', { id: 'picture' });
  const corners = ['nw', 'ne', 'sw', 'se'].map((corner) => h('span', { class: 'corner', 'data-corner': corner }));
  const frameBox = h(
    'div',
    { id: 'frame', tabindex: '0', role: 'application', 'aria-label': words.frame, 'aria-describedby': 'keys' },
    h('span', { class: 'thirds' }),
    ...corners,
  );
  const board = h('div', { class: 'board' }, h('div', { class: 'sheet', 'aria-hidden': 'true' }, picture), frameBox);
  const hold = h('p', { class: 'hold', id: 'hold', role: 'status' }, words.loading);

  const pasteButton = h('button', { id: 'paste', type: 'button', class: 'primary' }, words.paste);
  const chooseButton = h('button', { id: 'choose', type: 'button' }, words.choose);
  const fileInput = h('input', {
    type: 'file',
    accept: 'image/*',
    id: 'file',
    hidden: '',
    tabindex: '-1',
    'aria-label': words.choose,
  });
  const asked = h(
    'div',
    { class: 'asked' },
    h('span', { class: 'clip', 'aria-hidden': 'true' }),
    h('h1', {}, words.pasteTitle),
    h('p', {}, fill(words.pasteHint, PASTE_KEYS)),
    h('div', { class: 'buttons' }, pasteButton, chooseButton, fileInput),
  );
  const problem = h('p', { id: 'problem', role: 'alert' });
  const close = h('button', { id: 'close', type: 'button' }, words.cancel);
  const stage = h(
    'section',
    { class: 'stage', 'aria-label': words.title },
    board,
    hold,
    asked,
    h('div', { class: 'trouble' }, problem, close),
  );

  const label = h('p', { class: 'label', dir: 'auto' });
  const reason = h('p', { id: 'reason', class: 'notice', dir: 'auto' });
  const ratios = choiceRow(
    'ratio',
    words.ratio,
    [
      ['16:9', '16:9', shape('16:9')],
      ['9:16', '9:16', shape('9:16')],
      ['1:1', '1:1', shape('1:1')],
      ['original', words.original, shape('original')],
    ],
    (value) => chooseRatio(value),
  );
  const methods = choiceRow(
    'method',
    words.method,
    [
      ['crop', words.crop],
      ['pad', words.pad],
    ],
    (value) => {
      method = value;
      draw();
    },
  );
  const swatch = (/** @type {Color} */ name) =>
    h('span', { class: 'swatch', 'data-color': name, 'aria-hidden': 'true' });
  const colors = choiceRow(
    'color',
    words.color,
    [
      ['average', words.average, swatch('average')],
      ['black', words.black, swatch('black')],
      ['white', words.white, swatch('white')],
    ],
    (value) => {
      color = value;
      draw();
    },
  );
  const result = h('strong', { id: 'result' });
  const from = h('span', { id: 'from', class: 'quiet' });
  const keys = h('p', { id: 'keys', class: 'quiet' }, words.frameKeys);
  const spoken = h('p', { class: 'spoken', 'aria-live': 'polite' });
  const use = h('button', { id: 'use', type: 'button', class: 'primary' }, words.use);
  const cancel = h('button', { id: 'cancel', type: 'button' }, words.cancel);
  const details = h(
    'aside',
    { class: 'details', 'aria-label': words.title },
    h('header', {}, h('h1', {}, words.title), label),
    reason,
    ratios,
    methods,
    colors,
    h('section', {}, h('h2', {}, words.result), h('p', { class: 'sizes' }, result, from)),
    h('div', { class: 'buttons' }, use, cancel),
    keys,
    h('p', { class: 'quiet' }, words.privacy),
    spoken,
  );
  const page = h('main', { id: 'state', 'data-state': 'loading' }, stage, details);
  document.body.append(page);

  /** @param {'loading' | 'empty' | 'ready' | 'working' | 'problem'} state */
  function setState(state) {
    page.dataset['state'] = state;
    hold.textContent = state === 'working' ? words.working : state === 'loading' ? words.loading : '';
    for (const control of [use, ...page.querySelectorAll('input[type="radio"]')]) {
      if (control instanceof HTMLInputElement || control instanceof HTMLButtonElement) {
        control.disabled = state !== 'ready';
      }
    }
    if (state === 'ready') {
      offerMethods();
    }
  }

  // --- the image

  /**
   * @param {Blob} blob
   */
  async function decode(blob) {
    setState('loading');
    problem.textContent = '';
    try {
      // Upright, as people see it; what the result is drawn from has no notes of a camera any more.
      bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
    } catch {
      bitmap = undefined;
      host.postMessage({ type: 'undecodable' });
      return;
    }
    const scale = Math.min(1, SCREEN_MAX_PX / Math.max(bitmap.width, bitmap.height));
    screenCopy = drawn(
      { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) },
      (context, size) => {
        context.drawImage(/** @type {ImageBitmap} */ (bitmap), 0, 0, size.width, size.height);
      },
    );
    averageColor = averageOf(screenCopy);
    page.style.setProperty('--average', averageColor);
    host.postMessage({ type: 'decoded', width: bitmap.width, height: bitmap.height });
  }

  /**
   * @param {Size} size
   * @param {(context: CanvasRenderingContext2D, size: Size) => void} paint
   */
  function drawn(size, paint) {
    const canvas = document.createElement('canvas');
    canvas.width = size.width;
    canvas.height = size.height;
    const context = canvas.getContext('2d');
    if (context) {
      context.imageSmoothingQuality = 'high';
      paint(context, size);
    }
    return canvas;
  }

  /** @param {HTMLCanvasElement} canvas */
  function averageOf(canvas) {
    const side = 16;
    const small = drawn({ width: side, height: side }, (context) => context.drawImage(canvas, 0, 0, side, side));
    const data = small.getContext('2d')?.getImageData(0, 0, side, side).data ?? [];
    const sum = [0, 0, 0, 0];
    for (let at = 0; at < data.length; at += 4) {
      const alpha = (data[at + 3] ?? 0) / 255;
      [0, 1, 2].forEach((part) => (sum[part] = (sum[part] ?? 0) + (data[at + part] ?? 0) * alpha));
      sum[3] = (sum[3] ?? 0) + alpha;
    }
    const [r, g, b] = sum.map((part) => Math.round(part / Math.max(1, sum[3] ?? 1)));
    return `rgb(${r} ${g} ${b})`;
  }

  const colorNow = () => (color === 'average' ? averageColor : color);

  /** @returns {Choice | undefined} */
  function choice() {
    const chosen = inputs('ratio').find(({ checked }) => checked)?.value;
    return model?.choices.find(({ id }) => id === chosen);
  }

  /** @param {string} id */
  function chooseRatio(id) {
    check('ratio', id);
    const now = choice();
    if (now?.crop) {
      frame = { ...now.crop };
    }
    offerMethods();
    draw();
  }

  /** Crop only where enough is left of the image. */
  function offerMethods() {
    const now = choice();
    if (!now) {
      return;
    }
    if (!now.crop) {
      method = 'pad';
    }
    check('method', method);
    for (const input of inputs('method')) {
      input.disabled = input.value === 'crop' && !now.crop;
      /** @type {HTMLElement} */ (input.parentElement).title = input.disabled ? words.tooSmall : '';
    }
  }

  /** The crop frame in whole pixels, inside the image and the limits. @returns {Rect} */
  function rounded() {
    const { width: W, height: H } = /** @type {Model} */ (model);
    let width = clamp(Math.round(frame.width), 1, W);
    let height = clamp(Math.round(frame.height), 1, H);
    width = Math.min(width, Math.floor(height * limits.maxRatio));
    height = Math.min(height, Math.floor(width / limits.minRatio));
    return { x: clamp(Math.round(frame.x), 0, W - width), y: clamp(Math.round(frame.y), 0, H - height), width, height };
  }

  /** @returns {Size} */
  function resultSize() {
    const area = method === 'pad' ? /** @type {Choice} */ (choice()).pad : rounded();
    const scale = Math.min(1, limits.maxSide / Math.max(area.width, area.height));
    return { width: Math.round(area.width * scale), height: Math.round(area.height * scale) };
  }

  // --- drawing on the screen

  function draw() {
    const now = choice();
    if (!model || !now || !screenCopy) {
      return;
    }
    const pads = method === 'pad';
    const area = pads ? now.pad : model;
    page.style.setProperty('--ratio', String(area.width / area.height));
    page.style.setProperty('--margin', colorNow());
    board.classList.toggle('padded', pads);
    colors.hidden = !pads;
    keys.hidden = pads;
    frameBox.hidden = pads;
    place(
      picture,
      pads
        ? {
            x: (area.width - model.width) / 2,
            y: (area.height - model.height) / 2,
            width: model.width,
            height: model.height,
          }
        : { x: 0, y: 0, width: area.width, height: area.height },
      area,
    );
    if (picture.dataset['drawn'] !== 'yes') {
      picture.width = screenCopy.width;
      picture.height = screenCopy.height;
      picture.getContext('2d')?.drawImage(screenCopy, 0, 0);
      picture.dataset['drawn'] = 'yes';
    }
    drawFrame();
  }

  function drawFrame() {
    if (!model) {
      return;
    }
    place(frameBox, frame, model);
    const size = resultSize();
    result.textContent = count(words.pixels, size.width, size.height);
    from.textContent = count(words.from, model.width, model.height);
    clearTimeout(readAloud);
    readAloud = setTimeout(() => {
      const { x, y } = rounded();
      spoken.textContent = method === 'pad' ? result.textContent : count(words.place, size.width, size.height, x, y);
    }, READ_ALOUD_AFTER_MS);
  }

  /**
   * @param {HTMLElement} element
   * @param {Rect} rect
   * @param {Size} area
   */
  function place(element, { x, y, width, height }, area) {
    element.style.left = `${(100 * x) / area.width}%`;
    element.style.top = `${(100 * y) / area.height}%`;
    element.style.width = `${(100 * width) / area.width}%`;
    element.style.height = `${(100 * height) / area.height}%`;
  }

  // --- the crop frame: by mouse, finger or keys

  /**
   * @param {number} dx
   * @param {number} dy
   */
  function move(dx, dy) {
    if (model) {
      frame.x = clamp(frame.x + dx, 0, model.width - frame.width);
      frame.y = clamp(frame.y + dy, 0, model.height - frame.height);
      drawFrame();
    }
  }

  /**
   * Gives the frame a width; the point of it at (`atX`, `atY`), 0 to 1, stays where it is.
   *
   * @param {number} width
   * @param {number} atX
   * @param {number} atY
   */
  function resize(width, atX, atY) {
    const now = choice();
    if (!model || !now) {
      return;
    }
    const fixedX = frame.x + frame.width * atX;
    const fixedY = frame.y + frame.height * atY;
    // How far it may grow on each side of the point that stays.
    const room = (/** @type {number} */ fixed, /** @type {number} */ at, /** @type {number} */ side) =>
      Math.min(at > 0 ? fixed / at : Infinity, at < 1 ? (side - fixed) / (1 - at) : Infinity);
    const most = Math.min(room(fixedX, atX, model.width), room(fixedY, atY, model.height) * now.ratio);
    const least = Math.min(most, limits.minSide * Math.max(1, now.ratio));
    frame.width = clamp(width, least, most);
    frame.height = Math.min(model.height, frame.width / now.ratio);
    frame.x = clamp(fixedX - frame.width * atX, 0, model.width - frame.width);
    frame.y = clamp(fixedY - frame.height * atY, 0, model.height - frame.height);
    drawFrame();
  }

  frameBox.addEventListener('pointerdown', (event) => {
    if (!model || event.button !== 0 || page.dataset['state'] !== 'ready') {
      return;
    }
    event.preventDefault();
    frameBox.focus();
    frameBox.setPointerCapture(event.pointerId);
    const corner = event.target instanceof HTMLElement ? (event.target.dataset['corner'] ?? '') : '';
    const scale = model.width / board.clientWidth;
    const begun = { ...frame, left: event.clientX, top: event.clientY };
    const drag = (/** @type {PointerEvent} */ at) => {
      const dx = (at.clientX - begun.left) * scale;
      const dy = (at.clientY - begun.top) * scale;
      if (corner === '') {
        frame.x = begun.x;
        frame.y = begun.y;
        move(dx, dy);
        return;
      }
      const east = corner.endsWith('e');
      const south = corner.startsWith('s');
      // The direction in which the pointer has gone further says the size.
      const wider = east ? dx : -dx;
      const higher = (south ? dy : -dy) * (begun.width / begun.height);
      Object.assign(frame, { x: begun.x, y: begun.y, width: begun.width, height: begun.height });
      resize(begun.width + (Math.abs(wider) > Math.abs(higher) ? wider : higher), east ? 0 : 1, south ? 0 : 1);
    };
    const end = () => {
      frameBox.removeEventListener('pointermove', drag);
      frameBox.removeEventListener('pointerup', end);
      frameBox.removeEventListener('pointercancel', end);
    };
    frameBox.addEventListener('pointermove', drag);
    frameBox.addEventListener('pointerup', end);
    frameBox.addEventListener('pointercancel', end);
  });

  /** @type {Record<string, [x: number, y: number, grow: number]>} */
  const ARROWS = { ArrowLeft: [-1, 0, -1], ArrowRight: [1, 0, 1], ArrowUp: [0, -1, 1], ArrowDown: [0, 1, -1] };

  frameBox.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (!model || !arrow || page.dataset['state'] !== 'ready') {
      return;
    }
    event.preventDefault();
    const step = Math.max(1, Math.round(Math.max(model.width, model.height) / 100));
    if (event.shiftKey) {
      resize(frame.width + 2 * step * arrow[2], 0.5, 0.5);
    } else {
      move(step * arrow[0], step * arrow[1]);
    }
  });

  // --- the result

  use.addEventListener('click', () => {
    setState('working');
    // The words are on the screen before the drawing, which keeps the page busy.
    requestAnimationFrame(() =>
      setTimeout(() =>
        finish().catch(() => {
          // No memory for it, mostly.
          problem.textContent = words.failed;
          setState('ready');
        }),
      ),
    );
  });

  async function finish() {
    const canvas = drawn(resultSize(), paint);
    const blob = await encode(canvas);
    const thumbnail = thumbnailOf(canvas);
    if (!thumbnail.startsWith('data:image/jpeg')) {
      throw new Error('nothing was drawn');
    }
    host.postMessage({ type: 'use', bytes: await blob.arrayBuffer(), thumbnail });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Size} size
   */
  function paint(context, size) {
    const image = /** @type {ImageBitmap} */ (bitmap);
    if (method === 'crop') {
      const { x, y, width, height } = rounded();
      context.drawImage(image, x, y, width, height, 0, 0, size.width, size.height);
      return;
    }
    const { pad } = /** @type {Choice} */ (choice());
    const scale = size.width / pad.width;
    const width = Math.min(size.width, Math.round(image.width * scale));
    const height = Math.min(size.height, Math.round(image.height * scale));
    context.fillStyle = colorNow();
    context.fillRect(0, 0, size.width, size.height);
    context.drawImage(
      image,
      Math.floor((size.width - width) / 2),
      Math.floor((size.height - height) / 2),
      width,
      height,
    );
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} type
   * @param {number} [quality]
   * @returns {Promise<Blob>}
   */
  const blobOf = (canvas, type, quality) =>
    new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no blob'))), type, quality),
    );

  /** @param {HTMLCanvasElement} canvas */
  async function encode(canvas) {
    if (model?.lossless) {
      const png = await blobOf(canvas, 'image/png');
      if (png.size <= PNG_MAX_BYTES) {
        return png;
      }
    }
    // A JPEG has no transparency: what is seen through is white, not black.
    const opaque = drawn(canvas, (context, size) => {
      context.fillStyle = 'white';
      context.fillRect(0, 0, size.width, size.height);
      context.drawImage(canvas, 0, 0);
    });
    let jpeg = await blobOf(opaque, 'image/jpeg', QUALITIES[0]);
    for (const quality of QUALITIES.slice(1)) {
      jpeg = jpeg.size <= limits.maxBytes ? jpeg : await blobOf(opaque, 'image/jpeg', quality);
    }
    return jpeg;
  }

  /** @param {HTMLCanvasElement} canvas */
  function thumbnailOf(canvas) {
    const scale = Math.min(1, THUMBNAIL_MAX_PX / Math.max(canvas.width, canvas.height));
    const small = drawn(
      { width: Math.max(1, Math.round(canvas.width * scale)), height: Math.max(1, Math.round(canvas.height * scale)) },
      (context, size) => {
        context.fillStyle = 'white';
        context.fillRect(0, 0, size.width, size.height);
        context.drawImage(canvas, 0, 0, size.width, size.height);
      },
    );
    const tries = [0.8, 0.6, 0.4, 0.2].map((quality) => () => small.toDataURL('image/jpeg', quality));
    return tries.reduce((url, next) => (url !== '' && url.length <= THUMBNAIL_MAX_CHARS ? url : next()), '');
  }

  const giveUp = () => host.postMessage({ type: 'cancel' });
  cancel.addEventListener('click', giveUp);
  close.addEventListener('click', giveUp);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      giveUp();
    } else if (event.key === 'Enter' && event.target === frameBox && !use.disabled) {
      use.click();
    }
  });

  // --- an image that the person brings

  /**
   * The host looks at it before it is decoded.
   *
   * @param {Blob} blob
   * @param {string} name
   */
  async function offer(blob, name) {
    problem.textContent = blob.size > limits.maxOfferedBytes ? words.tooLarge : '';
    if (problem.textContent !== '') {
      return;
    }
    offered = blob;
    // One at a time: the host's word about this one must not be taken for the next.
    setState('loading');
    host.postMessage({ type: 'offered', bytes: await blob.arrayBuffer(), name });
  }

  /** @param {DataTransfer | null} transfer */
  function offerFrom(transfer) {
    const file = [...(transfer?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (file) {
      // What is copied out of a program is called image.png by the browser.
      void offer(file, file.name === 'image.png' ? '' : file.name);
    } else {
      problem.textContent = words.noImage;
    }
  }

  if (asks) {
    const waits = () => page.dataset['state'] === 'empty';
    // Where VS Code itself pastes (on the desktop), it does so only into what says that it takes something.
    document.addEventListener('beforepaste', (event) => event.preventDefault());
    document.addEventListener('paste', (event) => {
      if (waits()) {
        event.preventDefault();
        offerFrom(event.clipboardData);
      }
    });
    // Prevented already when something enters, or VS Code would take it for a file to be opened.
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
      document.addEventListener(type, (event) => {
        event.preventDefault();
        stage.classList.toggle('over', waits() && (type === 'dragenter' || type === 'dragover'));
      });
    }
    document.addEventListener('drop', (event) => {
      if (waits()) {
        offerFrom(event.dataTransfer);
      }
    });
    chooseButton.addEventListener('click', () => fileInput.click());
    fileInput.addEventListener('change', () => {
      const [file] = fileInput.files ?? [];
      if (file) {
        void offer(file, file.name);
      }
      fileInput.value = '';
    });
    pasteButton.addEventListener('click', () => {
      void readClipboard().catch(() => (problem.textContent = fill(words.noClipboard, PASTE_KEYS)));
    });
  }

  async function readClipboard() {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((candidate) => candidate.startsWith('image/'));
      if (type) {
        return offer(await item.getType(type), '');
      }
    }
    problem.textContent = words.noImage;
  }

  // --- the host

  /**
   * Whether this is a whole model. The types are those of src/views/cropperMessages.ts.
   *
   * @param {any} m
   * @returns {m is Model}
   */
  function isModel(m) {
    const numbers = (/** @type {any} */ value, /** @type {string[]} */ names) =>
      names.every((name) => Number.isFinite(value?.[name]));
    return (
      typeof m?.label === 'string' &&
      (m.reason === undefined || typeof m.reason === 'string') &&
      numbers(m, ['width', 'height']) &&
      typeof m.lossless === 'boolean' &&
      typeof m.chosen === 'string' &&
      Array.isArray(m.choices) &&
      m.choices.every(
        (/** @type {any} */ one) =>
          typeof one?.id === 'string' &&
          numbers(one, ['ratio']) &&
          numbers(one.pad, ['width', 'height']) &&
          (one.crop === undefined || numbers(one.crop, ['x', 'y', 'width', 'height'])),
      )
    );
  }

  window.addEventListener('message', ({ data }) => {
    if (data?.type === 'image' && typeof data.mime === 'string') {
      const blob = data.bytes === undefined ? offered : new Blob([data.bytes], { type: data.mime });
      if (blob && (data.bytes === undefined || ArrayBuffer.isView(data.bytes) || data.bytes instanceof ArrayBuffer)) {
        void decode(blob);
      }
    } else if (data?.type === 'fit' && isModel(data.model) && bitmap) {
      model = data.model;
      label.textContent = data.model.label;
      reason.textContent = data.model.reason ?? '';
      reason.hidden = data.model.reason === undefined;
      delete picture.dataset['drawn'];
      check('color', color);
      setState('ready');
      chooseRatio(data.model.chosen);
      // The frame may be hidden where the image is only padded.
      (frameBox.hidden ? use : frameBox).focus({ preventScroll: true });
    } else if (data?.type === 'problem' && typeof data.text === 'string') {
      problem.textContent = data.text;
      setState(page.dataset['state'] === 'working' ? 'ready' : asks ? 'empty' : 'problem');
    }
  });

  setState(asks ? 'empty' : 'loading');
  if (asks) {
    pasteButton.focus();
  }
  host.postMessage({ type: 'ready' });
})();
