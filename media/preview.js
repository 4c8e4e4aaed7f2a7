// @ts-check
/**
 * The page of the preview. Draws what the host sends (`PreviewModel` of src/views/previewMessages.ts), plays
 * the video, and tells the host which button was pressed. Text is only ever set as text.
 *
 * What people see is found by these hooks, which the tests use and which therefore stay:
 *
 *     #state[data-state]     loading waiting held readonly unknown failed expired fetching ready codec gone unreachable removed
 *     #video                 the <video>; data-source = copy | link; there always, hidden unless ready
 *     #heading #lines #quote what is said in place of the picture;  #elapsed  the running clock;  #estimate  how long it still takes
 *     #stage-ACTION          the buttons there: stage-addId stage-again stage-remove stage-remedy stage-reload …
 *     #save #saveAs #again #openExternal #reveal #copyPrompt    the buttons beside the picture
 *     #firstFrame          the thumbnail of the first frame, in the facts
 *     #prompt #facts #saved #notice #progress
 *     #continueFromLastFrame #useFrame #saveFrame   what can be done with the frames of a copy;  #openOrigin  in the facts
 *     #play #stepBack #stepForward #timeline #time #speed #loop #mute #volume #size #fullscreen #help #keys
 */

/**
 * @typedef {import('../src/views/previewMessages').PreviewModel} Model
 * @typedef {import('../src/views/previewMessages').PreviewStrings} Strings
 * @typedef {import('../src/views/previewMessages').PreviewAction} Action
 * @typedef {import('../src/views/previewMessages').PreviewButton} Button
 */

(() => {
  /** @type {{ postMessage(message: unknown): void, getState(): unknown, setState(state: unknown): void }} */
  const host = /** @type {any} */ (globalThis).acquireVsCodeApi();
  const boot = /** @type {HTMLMetaElement} */ (document.getElementById('seedance'));
  /** @type {Strings} */
  const words = JSON.parse(boot.dataset['strings'] ?? '{}');

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

  /** On a grid of 16, drawn with a line of 1.3; a name ending in `!` is filled. */
  const ICONS = {
    play: ['M4.5 2.8v10.4l8.6-5.2z!'],
    pause: ['M4 3h2.8v10H4zM9.2 3H12v10H9.2z!'],
    stepBack: ['M12 3.4v9.2L5.8 8z!', 'M3.9 3.4v9.2'],
    stepForward: ['M4 3.4v9.2L10.2 8z!', 'M12.1 3.4v9.2'],
    loop: [
      'M3 8.2V7a2.6 2.6 0 0 1 2.6-2.6h6.6',
      'M10.2 2.2l2.2 2.2-2.2 2.2',
      'M13 7.8V9a2.6 2.6 0 0 1-2.6 2.6H3.8',
      'M5.8 13.8l-2.2-2.2 2.2-2.2',
    ],
    sound: ['M2.6 6.2v3.6h2.2L8 12.6V3.4L4.8 6.2z!', 'M10.2 6a2.8 2.8 0 0 1 0 4', 'M12 4.2a5.4 5.4 0 0 1 0 7.6'],
    muted: ['M2.6 6.2v3.6h2.2L8 12.6V3.4L4.8 6.2z!', 'M10.4 6.2l3.6 3.6M14 6.2l-3.6 3.6'],
    actual: [
      'M2.5 4.5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1z',
      'M5.4 6.3v3.6M10.6 6.3v3.6',
      'M8 6.9v.1M8 9.3v.1',
    ],
    fit: ['M2.5 4.5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1z', 'M5 6h6v4H5z'],
    enter: ['M2.8 6V2.8H6M10 2.8h3.2V6M13.2 10v3.2H10M6 13.2H2.8V10'],
    leave: ['M6 2.8V6H2.8M13.2 6H10V2.8M10 13.2V10h3.2M2.8 10H6v3.2'],
    help: ['M5.7 6a2.3 2.3 0 1 1 3.4 2c-.8.5-1.1.9-1.1 1.8', 'M8 12.1v.3'],
    save: [
      'M3 3.8a.8.8 0 0 1 .8-.8h6.9L13 5.3v6.9a.8.8 0 0 1-.8.8H3.8a.8.8 0 0 1-.8-.8z',
      'M5.4 3v3.2h4.4V3',
      'M5 13V9.2h6V13',
    ],
    saveAs: ['M8 2.6v7M5 6.8l3 3 3-3', 'M2.8 10.6v1.8a.9.9 0 0 0 .9.9h8.6a.9.9 0 0 0 .9-.9v-1.8'],
    again: ['M12.8 8a4.8 4.8 0 1 1-1.5-3.5', 'M12.9 2.4v2.9H10'],
    openExternal: [
      'M7 3.4H4a.9.9 0 0 0-.9.9V12a.9.9 0 0 0 .9.9h7.7a.9.9 0 0 0 .9-.9V9',
      'M9.6 2.9h3.5v3.5M13 3L7.6 8.4',
    ],
    reveal: ['M2.2 12.2V4.1a.8.8 0 0 1 .8-.8h3.3l1.5 1.6H13a.8.8 0 0 1 .8.8v6.5a.8.8 0 0 1-.8.8H3a.8.8 0 0 1-.8-.8z'],
    copyPrompt: ['M5.6 5.6h7v7.6h-7z', 'M10.4 5.4V2.9h-7v7.6h2'],
    check: ['M3.2 8.4l3.2 3.2 6.4-7.2'],
    continueFromLastFrame: ['M2.6 4h6.6v8H2.6z', 'M9.2 8h5M12 5.6L14.4 8L12 10.4', 'M2.6 6.6h1.6M2.6 9.4h1.6'],
    useFrame: ['M2.4 3.4h11.2v9.2H2.4z', 'M6.6 5.8v4.4L10.2 8z!'],
    saveFrame: ['M2.2 5.2h2.6l1-1.6h4.4l1 1.6h2.6v7.4H2.2z', 'M8 6.6a2.2 2.2 0 1 1 0 4.4a2.2 2.2 0 0 1 0-4.4z'],
    warning: ['M8 2.4l6 10.8H2z', 'M8 6.6v3M8 11.3v.2'],
    error: ['M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2z', 'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4'],
    expired: ['M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2z', 'M8 4.8V8l2.3 1.5'],
    question: [
      'M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2z',
      'M6.3 6.5a1.7 1.7 0 1 1 2.6 1.5c-.6.4-.9.7-.9 1.3',
      'M8 11v.2',
    ],
    key: ['M10.4 2.6a3 3 0 1 1 0 6a3 3 0 0 1 0-6z', 'M8.3 7.7L2.8 13.2', 'M4.6 11.4l1.8 1.8'],
    lock: ['M3.4 7.2h9.2v6.2H3.4z', 'M5.4 7.2V5a2.6 2.6 0 0 1 5.2 0v2.2'],
    film: ['M2.6 3.4h10.8v9.2H2.6z', 'M5 3.4v9.2M11 3.4v9.2M2.6 6.4H5M2.6 9.6H5M11 6.4h2.4M11 9.6h2.4'],
  };

  const SVG = 'http://www.w3.org/2000/svg';

  /** @param {keyof typeof ICONS} name */
  function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 16 16');
    svg.setAttribute('aria-hidden', 'true');
    svg.classList.add('icon');
    for (const shape of ICONS[name]) {
      const path = document.createElementNS(SVG, 'path');
      path.setAttribute('d', shape.replace('!', ''));
      path.setAttribute('class', shape.endsWith('!') ? 'filled' : 'line');
      svg.append(path);
    }
    return svg;
  }

  /**
   * @param {HTMLElement} element
   * @param {string} text
   */
  function setText(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  /**
   * @param {string} id
   * @param {keyof typeof ICONS} image
   * @param {string} label
   * @param {() => void} press
   */
  function tool(id, image, label, press) {
    const element = h('button', { id, class: 'tool', type: 'button' }, icon(image));
    nameTool(element, label);
    element.addEventListener('click', press);
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {string} label
   * @param {string} [key]
   */
  function nameTool(element, label, key) {
    element.setAttribute('aria-label', label);
    element.title = key ? `${label} (${key})` : label;
  }

  /**
   * @param {HTMLElement} element
   * @param {keyof typeof ICONS} image
   */
  function setIcon(element, image) {
    if (element.dataset['icon'] !== image) {
      element.dataset['icon'] = image;
      element.querySelector('svg')?.replaceWith(icon(image));
    }
  }

  const PASTE_KEYS = /Mac/.test(navigator.platform) ? '⌘V' : 'Ctrl+V';
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  /** @param {number} n */
  const twoDigits = (n) => String(n).padStart(2, '0');

  /** @param {number} seconds */
  function clock(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours > 0
      ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}`
      : `${minutes}:${twoDigits(whole % 60)}`;
  }

  /** With tenths: clips last some seconds. @param {number} seconds */
  const position = (seconds) => `${clock(seconds)}.${Math.floor((Math.max(0, seconds) % 1) * 10)}`;

  /** @param {Action} action */
  const act = (action) => host.postMessage({ type: 'action', action });

  // --- the page

  const video = h('video', { id: 'video', playsinline: '', preload: 'auto', tabindex: '-1' });
  video.loop = true;
  /** Holds the last picture while the source changes from the link to the copy. */
  const hold = h('canvas', { class: 'hold', 'aria-hidden': 'true' });
  hold.hidden = true;
  const bigPlay = h('div', { class: 'bigPlay', 'aria-hidden': 'true' }, icon('play'));
  bigPlay.hidden = true;
  const aurora = h('div', { class: 'aurora', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
  const ring = h('div', { class: 'ring', 'aria-hidden': 'true' });
  const stateIcon = h('div', { class: 'stateIcon', 'aria-hidden': 'true' });
  const elapsed = h('div', { id: 'elapsed', role: 'timer', 'aria-live': 'off' });
  const heading = h('h1', { id: 'heading' });
  const lines = h('div', { id: 'lines' });
  const estimate = h('div', { id: 'estimate', role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' });
  const estimateText = h('span', { class: 'progressText' });
  estimate.append(h('div', { class: 'track' }, h('div', { class: 'done' })), estimateText);
  const quote = h('blockquote', { id: 'quote', dir: 'auto' });
  const stageButtons = h('div', { class: 'stageButtons' });
  const said = h('div', { class: 'said' }, ring, stateIcon, elapsed, heading, estimate, lines, quote, stageButtons);
  const frame = h('div', { class: 'frame' }, aurora, video, hold, bigPlay, said);

  const timeline = h('input', {
    id: 'timeline',
    type: 'range',
    min: '0',
    max: '1000',
    step: '1',
    value: '0',
    'aria-label': words.timeline,
  });
  const time = h('div', { id: 'time', 'aria-hidden': 'true' });
  const play = tool('play', 'play', words.play, () => togglePlay());
  const stepBack = tool('stepBack', 'stepBack', words.stepBack, () => step(-1));
  const stepForward = tool('stepForward', 'stepForward', words.stepForward, () => step(1));
  nameTool(stepBack, words.stepBack, ',');
  nameTool(stepForward, words.stepForward, '.');
  const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
  const speed = h('select', { id: 'speed', 'aria-label': words.speed, title: words.speed });
  for (const rate of RATES) {
    const option = h('option', { value: String(rate) }, `${rate.toLocaleString(document.documentElement.lang)}×`);
    option.selected = rate === 1;
    speed.append(option);
  }
  speed.addEventListener('change', () => setRate(Number(speed.value)));
  const loop = tool('loop', 'loop', words.loop, () => toggleLoop());
  nameTool(loop, words.loop, 'L');
  const mute = tool('mute', 'sound', words.mute, () => toggleMute());
  const volume = h('input', {
    id: 'volume',
    type: 'range',
    min: '0',
    max: '100',
    value: '100',
    'aria-label': words.volume,
    title: words.volume,
  });
  volume.addEventListener('input', () => {
    video.volume = Number(volume.value) / 100;
    video.muted = video.volume === 0;
  });
  const sound = h('div', { class: 'sound' }, mute, volume);
  const size = tool('size', 'actual', words.actualSize, () => toggleSize());
  const fullscreen = tool('fullscreen', 'enter', words.fullScreen, () => toggleFullScreen());
  const help = tool('help', 'help', words.keys, () => toggleKeys());
  nameTool(help, words.keys, '?');
  help.setAttribute('aria-controls', 'keys');
  const controls = h(
    'div',
    { class: 'controls', role: 'group', 'aria-label': words.player },
    timeline,
    h(
      'div',
      { class: 'bar' },
      play,
      stepBack,
      stepForward,
      time,
      h('div', { class: 'spring' }),
      speed,
      loop,
      sound,
      size,
      fullscreen,
      help,
    ),
  );

  /** What the page itself takes out of the video. @type {HTMLButtonElement[]} */
  const frameButtons = [
    frameButton('continueFromLastFrame', 'N', () => act('continueFromLastFrame')),
    frameButton('useFrame', 'U', () => takeShownFrame('firstFrame')),
    frameButton('saveFrame', 'S', () => takeShownFrame('save')),
  ];
  const frames = h('div', { class: 'frames', role: 'group', 'aria-label': words.frames }, ...frameButtons);

  /**
   * @param {'continueFromLastFrame' | 'useFrame' | 'saveFrame'} id
   * @param {string} key
   * @param {() => void} press
   */
  function frameButton(id, key, press) {
    const element = h(
      'button',
      { id, type: 'button', class: 'frameButton', title: `${words[id]} (${key})` },
      icon(id),
      h('span', {}, words[id]),
    );
    element.addEventListener('click', press);
    return element;
  }

  const keys = h('dl', { id: 'keys', role: 'note', 'aria-label': words.keys });
  keys.hidden = true;
  for (const [names, meaning] of /** @type {[string[], string][]} */ ([
    [['Space', 'K'], words.keySpace],
    [['←', '→'], words.keyArrows],
    [[',', '.'], words.keyFrames],
    [['<', '>'], words.keySpeed],
    [['Home', 'End'], words.keyEnds],
    [['L'], words.loop],
    [['M'], words.mute],
    [['F'], words.fullScreen],
    [['N'], words.continueFromLastFrame],
    [['U'], words.useFrame],
    [['S'], words.saveFrame],
    [[PASTE_KEYS], words.keyPaste],
  ])) {
    keys.append(h('dt', {}, ...names.map((name) => h('kbd', {}, name))), h('dd', {}, meaning));
  }

  const stage = h('section', { class: 'stage' }, frame, controls, frames, keys);

  /** @type {Map<Action, HTMLButtonElement>} */
  const buttons = new Map();
  for (const action of /** @type {const} */ (['save', 'saveAs', 'again', 'openExternal', 'reveal', 'copyPrompt'])) {
    const label = h('span', { class: 'label' });
    const element = h(
      'button',
      { id: action, type: 'button', class: action === 'copyPrompt' ? action : `button ${action}` },
      icon(action),
      label,
    );
    element.addEventListener('click', () => {
      act(action);
      if (action === 'copyPrompt') {
        confirmCopy();
      }
    });
    element.hidden = true;
    buttons.set(action, element);
  }
  /** @param {Action} action */
  const buttonOf = (action) => /** @type {HTMLButtonElement} */ (buttons.get(action));

  const notice = h('p', { id: 'notice', role: 'status' });
  const silent = h('p', { id: 'silent', class: 'remark' }, words.silent);
  silent.hidden = true;
  const progress = h('div', { id: 'progress', role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' });
  const progressText = h('span', { class: 'progressText' });
  progress.append(progressText, h('div', { class: 'track' }, h('div', { class: 'done' })));
  const prompt = h('p', { id: 'prompt', dir: 'auto', tabindex: '0', 'aria-label': words.prompt });
  const promptBlock = h(
    'section',
    { class: 'block' },
    h('header', {}, h('h2', {}, words.prompt), buttonOf('copyPrompt')),
    prompt,
  );
  const facts = h('dl', { id: 'facts' });
  const factsBlock = h('section', { class: 'block' }, h('header', {}, h('h2', {}, words.details)), facts);
  const saved = h('ul', { id: 'saved' });
  const savedBlock = h(
    'section',
    { class: 'block savedBlock' },
    h('header', {}, h('h2', {}, words.savedTo)),
    saved,
    buttonOf('reveal'),
  );
  const actions = h(
    'div',
    { class: 'actions' },
    buttonOf('save'),
    buttonOf('saveAs'),
    buttonOf('again'),
    buttonOf('openExternal'),
  );
  const details = h(
    'aside',
    { class: 'details', 'aria-label': words.details },
    notice,
    actions,
    progress,
    silent,
    savedBlock,
    promptBlock,
    factsBlock,
  );

  const spoken = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
  const page = h('main', { id: 'state', 'data-state': 'loading' }, stage, details, spoken);
  document.body.append(page);

  // --- drawing a model

  /** @type {Model | undefined} */
  let shown;
  /** `performance.now()` at which the task was asked for. */
  let startedAt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;

  /** @type {Partial<Record<Model['state'], keyof typeof ICONS>>} */
  const STATE_ICONS = {
    held: 'key',
    readonly: 'lock',
    unknown: 'question',
    failed: 'error',
    expired: 'expired',
    codec: 'film',
    gone: 'warning',
    unreachable: 'warning',
    removed: 'film',
  };

  /** @param {Model} model */
  function draw(model) {
    const before = shown;
    shown = model;
    page.dataset['state'] = model.state;
    if (before?.state !== model.state || before.heading !== model.heading) {
      setText(spoken, [model.heading, ...model.lines].join(' '));
    }
    document.title = model.title;
    if (!video.videoWidth) {
      setRatio(model.ratio);
    }

    const image = STATE_ICONS[model.state];
    stateIcon.replaceChildren(...(image ? [icon(image)] : []));
    setText(heading, model.heading);
    heading.hidden = model.heading === '';
    if (!same(before?.lines, model.lines)) {
      lines.replaceChildren(...model.lines.map((line) => h('p', { dir: 'auto' }, line)));
    }
    setText(quote, model.quote ?? '');
    quote.hidden = !model.quote;
    if (!same(before?.stageButtons, model.stageButtons)) {
      stageButtons.replaceChildren(...model.stageButtons.map(stageButton));
    }
    stageButtons.hidden = model.stageButtons.length === 0;
    drawElapsed(model);
    drawEstimate(model);

    for (const [action, element] of buttons) {
      const offer = model.buttons.find((candidate) => candidate.action === action);
      element.hidden = !offer;
      if (offer) {
        setText(/** @type {HTMLElement} */ (element.querySelector('.label')), offer.label);
        element.classList.toggle('primary', offer.primary === true);
        if (action === 'copyPrompt') {
          nameTool(element, offer.label);
        }
      }
    }
    actions.hidden = ![...actions.children].some((child) => !(/** @type {HTMLElement} */ (child).hidden));
    setText(notice, model.notice ?? '');
    notice.hidden = !model.notice;
    drawProgress(model);
    setText(prompt, model.prompt);
    promptBlock.hidden = model.prompt === '';
    if (!same(before?.facts, model.facts)) {
      facts.replaceChildren(
        ...model.facts.flatMap((fact) => [h('dt', {}, fact.name), h('dd', { dir: 'auto' }, factValue(fact))]),
      );
    }
    factsBlock.hidden = model.facts.length === 0;
    if (!same(before?.saved, model.saved)) {
      saved.replaceChildren(
        ...model.saved.map((place) => h('li', { dir: 'auto' }, icon('check'), h('span', {}, place))),
      );
    }
    savedBlock.hidden = model.saved.length === 0;
    details.hidden = [...details.children].every((child) => /** @type {HTMLElement} */ (child).hidden);
    page.classList.toggle('alone', details.hidden);
    // Only a copy lets itself be read: a link is another's, and where it leads nobody allows it.
    frames.hidden = !(model.state === 'ready' && model.video?.copy);
    drawVideo(model);
  }

  /** @param {unknown} a @param {unknown} b */
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /**
   * @param {Model['facts'][number]} fact
   * @returns {Node | string}
   */
  function factValue({ value, action, picture }) {
    if (picture !== undefined) {
      return h(
        'span',
        { class: 'pictured' },
        h('img', { id: 'firstFrame', src: picture, alt: '' }),
        factValue({ name: '', value, ...(action ? { action } : {}) }),
      );
    }
    if (action === undefined) {
      return value;
    }
    const element = h('button', { id: action, type: 'button', class: 'link' }, value);
    element.addEventListener('click', () => act(action));
    return element;
  }

  /** @param {Button} offer */
  function stageButton({ action, label, primary }) {
    const element = h(
      'button',
      { id: `stage-${action}`, type: 'button', class: `button${primary ? ' primary' : ''}` },
      label,
    );
    element.addEventListener('click', () => act(action));
    return element;
  }

  /** @param {Model} model */
  function drawElapsed({ elapsedMs }) {
    elapsed.hidden = elapsedMs === undefined;
    clearInterval(ticking);
    ticking = undefined;
    if (elapsedMs !== undefined) {
      startedAt = performance.now() - elapsedMs;
      const tick = () => setText(elapsed, clock((performance.now() - startedAt) / 1000));
      tick();
      ticking = setInterval(tick, 250);
    }
  }

  /** @param {Model} model */
  function drawEstimate({ estimate: told }) {
    estimate.hidden = told === undefined;
    if (told) {
      setText(estimateText, told.label);
      estimate.setAttribute('aria-valuetext', told.label);
      estimate.setAttribute('aria-valuenow', String(Math.round(told.fraction * 100)));
      estimate.style.setProperty('--fraction', String(told.fraction));
    }
  }

  /** @param {Model} model */
  function drawProgress({ progress: fraction, progressLabel }) {
    progress.hidden = fraction === undefined;
    if (fraction !== undefined) {
      setText(progressText, progressLabel ?? '');
      progress.setAttribute('aria-label', progressLabel ?? '');
      progress.classList.toggle('endless', fraction < 0);
      progress.style.setProperty('--fraction', String(Math.max(0, fraction)));
      if (fraction < 0) {
        progress.removeAttribute('aria-valuenow');
      } else {
        progress.setAttribute('aria-valuenow', String(Math.floor(fraction * 100)));
      }
    }
  }

  function confirmCopy() {
    const element = buttonOf('copyPrompt');
    setIcon(element, 'check');
    setText(spoken, words.copied);
    setTimeout(() => setIcon(element, 'copyPrompt'), 1500);
  }

  // --- the video

  let source = '';
  /** Frames a second; most of these models make 24. Measured while it plays. */
  let framesPerSecond = 24;

  /** @param {Model} model */
  function drawVideo({ video: wanted, state }) {
    if (!wanted) {
      if (source !== '') {
        source = '';
        video.removeAttribute('src');
        video.load();
      }
      silent.hidden = true;
      return;
    }
    if (state === 'ready' && video.canPlayType('video/mp4; codecs="avc1.42E01E"') === '') {
      host.postMessage({ type: 'videoError', code: 0, copy: wanted.copy });
      return;
    }
    silent.hidden = !(wanted.sound === true && video.canPlayType('audio/mp4; codecs="mp4a.40.2"') === '');
    sound.hidden = wanted.sound === false || !silent.hidden;
    if (wanted.url !== source || video.error) {
      setSource(wanted.url, wanted.copy);
    }
  }

  /**
   * From the link to the copy it goes on where it was, without a blink.
   *
   * @param {string} url
   * @param {boolean} copy
   */
  function setSource(url, copy) {
    const goesOn = source !== '' && !video.error && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const at = goesOn ? video.currentTime : 0;
    const wasPaused = goesOn && video.paused;
    if (goesOn) {
      holdPicture();
    } else {
      frame.classList.remove('painted');
    }
    source = url;
    video.dataset['source'] = copy ? 'copy' : 'link';
    // VS Code lets pages read its own files; to ask that of a link could keep it from playing.
    video.crossOrigin = copy ? 'anonymous' : null;
    video.src = url;
    if (at > 0) {
      video.currentTime = at;
    }
    if (!wasPaused) {
      start();
    }
  }

  function holdPicture() {
    hold.width = video.videoWidth;
    hold.height = video.videoHeight;
    hold.getContext('2d')?.drawImage(video, 0, 0);
    hold.hidden = false;
  }

  /** With sound if the browser lets us, else without, else when the person says so. */
  function start() {
    if (reducedMotion.matches) {
      bigPlay.hidden = false;
      return;
    }
    const wantedSource = source;
    video.play().catch((error) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError' && source === wantedSource) {
        video.muted = true;
        video.play().catch(() => {
          bigPlay.hidden = source !== wantedSource;
        });
      }
    });
  }

  video.addEventListener('loadedmetadata', () => {
    setRatio(video.videoWidth / video.videoHeight);
    frame.style.setProperty('--natural', `${Math.round(video.videoWidth / devicePixelRatio)}px`);
    drawTime();
  });
  // `loadeddata` comes before a seek to where it was is done; the picture is held until then.
  for (const event of ['loadeddata', 'seeked']) {
    video.addEventListener(event, () => {
      if (!video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
        hold.hidden = true;
        frame.classList.add('painted');
        drawTime();
      }
    });
  }
  video.addEventListener('error', () => {
    const code = video.error?.code;
    if (source !== '' && code !== undefined) {
      hold.hidden = true;
      host.postMessage({ type: 'videoError', code, copy: video.dataset['source'] === 'copy' });
    }
  });
  video.addEventListener('play', () => {
    bigPlay.hidden = true;
    drawPlay();
    requestAnimationFrame(follow);
  });
  video.addEventListener('pause', drawPlay);
  video.addEventListener('ended', drawPlay);
  video.addEventListener('seeked', drawTime);
  video.addEventListener('progress', drawTime);
  video.addEventListener('durationchange', drawTime);
  video.addEventListener('volumechange', drawSound);
  video.addEventListener('ratechange', () => {
    speed.value = String(video.playbackRate);
  });
  video.addEventListener('click', () => togglePlay());
  video.addEventListener('dblclick', () => toggleFullScreen());

  /** Smooth while it plays, still while it does not. */
  function follow() {
    drawTime();
    if (!video.paused && !video.ended) {
      requestAnimationFrame(follow);
    }
  }

  let scrubbing = false;

  function drawTime() {
    const { currentTime, duration } = video;
    if (!Number.isFinite(duration) || duration <= 0) {
      return;
    }
    if (!scrubbing) {
      timeline.value = String(Math.round((currentTime / duration) * 1000));
    }
    timeline.style.setProperty('--played', String(currentTime / duration));
    const { buffered } = video;
    timeline.style.setProperty(
      '--buffered',
      String(buffered.length > 0 ? buffered.end(buffered.length - 1) / duration : 0),
    );
    setText(time, `${position(currentTime)} / ${position(duration)}`);
    const value = words.timelineValue.replace('{0}', position(currentTime)).replace('{1}', position(duration));
    // While it plays, a screen reader would never come to an end.
    if (video.paused || !timeline.hasAttribute('aria-valuetext')) {
      timeline.setAttribute('aria-valuetext', value);
    }
  }

  function drawPlay() {
    setIcon(play, video.paused ? 'play' : 'pause');
    nameTool(play, video.paused ? words.play : words.pause, 'K');
  }

  function drawSound() {
    setIcon(mute, video.muted ? 'muted' : 'sound');
    nameTool(mute, video.muted ? words.unmute : words.mute, 'M');
    volume.value = video.muted ? '0' : String(Math.round(video.volume * 100));
    volume.style.setProperty('--played', video.muted ? '0' : String(video.volume));
  }

  /** @param {number} ratio */
  function setRatio(ratio) {
    if (Number.isFinite(ratio) && ratio > 0) {
      page.style.setProperty('--ratio', String(ratio));
    }
  }

  /** The picture that is shown. @type {VideoFrameCallbackMetadata | undefined} */
  let picture;
  // The distance between two pictures tells the frame rate; a dropped one counts for several.
  video.requestVideoFrameCallback(function measure(_now, next) {
    const seconds = picture && next.mediaTime - picture.mediaTime;
    const pictures = picture && next.presentedFrames - picture.presentedFrames;
    if (seconds && pictures === 1 && seconds > 1 / 121 && seconds < 1 / 11) {
      framesPerSecond = Math.round(100 / seconds) / 100;
    }
    picture = next;
    video.requestVideoFrameCallback(measure);
  });

  // --- frames of the video

  const THUMBNAIL_PX = 160;
  const THUMBNAIL_MAX_CHARS = 16_384;
  /** Longer than any picture takes to be shown, where one is shown at all. */
  const SHOWN_WITHIN_MS = 10_000;
  /** A frame that differs from the one before is shown sooner than this. */
  const SAME_AFTER_MS = 2_000;
  /** How much is played before the last frame. */
  const RUN_UP_S = 0.5;

  /** @param {'firstFrame' | 'save'} use */
  function takeShownFrame(use) {
    void taking(async () => {
      video.pause();
      if (video.seeking) {
        await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      }
      await nextPaint();
      await sendFrame(video, use, { seconds: picture?.mediaTime ?? video.currentTime, isLast: false });
    });
  }

  /** What is decoded for a moment before the pause may be shown after it. */
  const nextPaint = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

  /**
   * In a second player: the one on the page repeats, and would begin anew at its end.
   *
   * @param {{ seconds: number, lasts: number } | undefined} due when the file says that the last frame begins
   */
  function takeLastFrame(due) {
    void taking(async () => {
      video.pause();
      const film = h('video', { preload: 'auto', playsinline: '' });
      film.muted = true;
      film.crossOrigin = 'anonymous';
      try {
        const loaded = nextFrame(film);
        film.src = source;
        const seconds = await showLastFrame(film, await loaded, due);
        seek(seconds + (due?.lasts ?? 1 / framesPerSecond) / 2);
        await sendFrame(film, 'firstFrame', { seconds, isLast: true });
      } finally {
        film.removeAttribute('src');
        film.load();
      }
    });
  }

  /**
   * A player that is sent to the end of a film stands on its last frame. But the end that a file names may come too
   * early, be it by a rounded tick: it can be sent no further then, and has to play to the true end.
   *
   * @param {HTMLVideoElement} film
   * @param {number} first the time of the frame that it shows
   * @param {{ seconds: number, lasts: number } | undefined} due
   * @returns {Promise<number>} the time of the last frame
   */
  async function showLastFrame(film, first, due) {
    const end = Number.isFinite(film.duration) ? film.duration : Number.MAX_SAFE_INTEGER;
    const seconds = await showFrameAt(film, end, first);
    if (!due || seconds >= due.seconds - due.lasts / 2) {
      return seconds;
    }
    let last = await showFrameAt(film, Math.max(0, due.seconds - RUN_UP_S), seconds);
    film.requestVideoFrameCallback(function follow(_now, { mediaTime }) {
      last = mediaTime;
      film.requestVideoFrameCallback(follow);
    });
    await new Promise((resolve, reject) => {
      film.addEventListener('ended', resolve, { once: true });
      film.play().catch(reject);
      setTimeout(reject, SHOWN_WITHIN_MS);
    });
    await nextPaint();
    return last;
  }

  /**
   * @param {HTMLVideoElement} film
   * @param {number} wanted seconds
   * @param {number} shown the time of the frame that it shows; where that is the wanted one, no other comes
   * @returns {Promise<number>}
   */
  function showFrameAt(film, wanted, shown) {
    /** @type {Promise<number>} */
    const same = new Promise((resolve) => {
      film.addEventListener('seeked', () => setTimeout(() => resolve(shown), SAME_AFTER_MS), { once: true });
    });
    const next = nextFrame(film);
    film.currentTime = wanted;
    return Promise.race([next, same]);
  }

  /**
   * The time of the next frame that is shown.
   *
   * @param {HTMLVideoElement} film
   * @returns {Promise<number>}
   */
  function nextFrame(film) {
    return new Promise((resolve, reject) => {
      film.requestVideoFrameCallback((_now, { mediaTime }) => resolve(mediaTime));
      film.addEventListener('error', () => reject(film.error ?? new Error('no picture')), { once: true });
      setTimeout(() => reject(new Error('no picture')), SHOWN_WITHIN_MS);
    });
  }

  /**
   * One at a time: a frame of 4K takes its time.
   *
   * @param {() => Promise<void>} take
   */
  async function taking(take) {
    if (frames.classList.contains('busy')) {
      return;
    }
    frames.classList.add('busy');
    setText(spoken, words.takingFrame);
    try {
      await take();
    } catch {
      host.postMessage({ type: 'pictureFailed' });
    } finally {
      frames.classList.remove('busy');
      setText(spoken, '');
    }
  }

  /**
   * @param {HTMLVideoElement} film
   * @param {'firstFrame' | 'save'} use
   * @param {{ seconds: number, isLast: boolean }} frame
   */
  async function sendFrame(film, use, frame) {
    const canvas = draw2d(film, film.videoWidth, film.videoHeight);
    /** @type {Blob} */
    const png = await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no PNG'))), 'image/png');
    });
    await sendPicture(png, canvas, { use, frame: { ...frame, seconds: Math.max(0, frame.seconds) } });
  }

  /**
   * @param {Blob} file
   * @param {HTMLCanvasElement | ImageBitmap} image
   * @param {{ use: 'firstFrame' | 'save', name?: string, frame?: { seconds: number, isLast: boolean } }} facts
   */
  async function sendPicture(file, image, facts) {
    host.postMessage({ type: 'picture', ...facts, bytes: await file.arrayBuffer(), thumbnail: thumbnailOf(image) });
  }

  /**
   * @param {CanvasImageSource} image
   * @param {number} width
   * @param {number} height
   */
  function draw2d(image, width, height) {
    const canvas = h('canvas', { width: String(width), height: String(height) });
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) {
      throw new Error('no canvas');
    }
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return canvas;
  }

  /** @param {HTMLCanvasElement | ImageBitmap} image */
  function thumbnailOf(image) {
    const scale = Math.min(1, THUMBNAIL_PX / Math.max(image.width, image.height));
    const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
    const small = draw2d(image, width ?? 1, height ?? 1);
    return [0.8, 0.6, 0.4]
      .map((quality) => small.toDataURL('image/jpeg', quality))
      .find((text) => text.length <= THUMBNAIL_MAX_CHARS);
  }

  /** @param {Blob} file the first frame as it was sent; the host has looked at its size */
  async function drawFrame(file) {
    // A format that this page cannot draw, such as TIFF, has no thumbnail.
    const image = await createImageBitmap(file).catch(() => undefined);
    const thumbnail = image && thumbnailOf(image);
    if (thumbnail !== undefined) {
      host.postMessage({ type: 'thumbnail', thumbnail });
    }
  }

  /** @param {{ type: string }} file */
  const isImage = ({ type }) => /^image\/(png|jpeg|webp)$/.test(type);

  /**
   * @param {ClipboardEvent | DragEvent} event that may bring an image
   * @param {DataTransfer | null} data
   * @param {boolean} hasName or it has one that nobody has given it
   */
  function takeImage(event, data, hasName) {
    const file = [...(data?.files ?? [])].find(isImage);
    if (file) {
      event.preventDefault();
      const facts = { use: /** @type {const} */ ('firstFrame'), ...(hasName ? { name: file.name.slice(0, 200) } : {}) };
      // A picture that this page cannot draw is none for the service either; the host says so.
      createImageBitmap(file).then(
        (image) => sendPicture(file, image, facts),
        () => file.arrayBuffer().then((bytes) => host.postMessage({ type: 'picture', ...facts, bytes })),
      );
    }
  }

  // Where VS Code itself pastes (on the desktop), it does so only into what says that it takes something.
  document.addEventListener('beforepaste', (event) => event.preventDefault());
  document.addEventListener('paste', (event) => takeImage(event, event.clipboardData, false));
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    document.addEventListener(type, (event) => {
      const { dataTransfer } = /** @type {DragEvent} */ (event);
      const comes = [...(dataTransfer?.items ?? [])].some(isImage);
      if (comes) {
        // Already when it enters, or VS Code would take it for a file to be opened.
        event.preventDefault();
      }
      document.body.classList.toggle('over', comes && (type === 'dragenter' || type === 'dragover'));
    });
  }
  document.addEventListener('drop', (event) => takeImage(event, event.dataTransfer, true));

  // --- what the person does

  function togglePlay() {
    if (video.paused) {
      video.play().catch(() => undefined);
    } else {
      video.pause();
    }
  }

  /** @param {number} seconds */
  function seek(seconds) {
    if (Number.isFinite(video.duration)) {
      video.currentTime = Math.min(Math.max(0, seconds), Math.max(0, video.duration - 0.001));
    }
  }

  /** To the middle of the next picture: at its edge, rounding would show either of two. @param {1 | -1} direction */
  function step(direction) {
    video.pause();
    const picture = Math.floor(video.currentTime * framesPerSecond + 0.001);
    seek((picture + direction + 0.5) / framesPerSecond);
  }

  /** @param {number} rate */
  function setRate(rate) {
    video.playbackRate = rate;
    video.defaultPlaybackRate = rate;
    setText(spoken, `${words.speed} ${rate.toLocaleString(document.documentElement.lang)}×`);
  }

  /** @param {1 | -1} direction */
  function changeRate(direction) {
    const rate = RATES[RATES.indexOf(video.playbackRate) + direction];
    if (rate !== undefined) {
      setRate(rate);
    }
  }

  function toggleLoop() {
    video.loop = !video.loop;
    loop.setAttribute('aria-pressed', String(video.loop));
    if (video.loop && video.ended) {
      togglePlay();
    }
  }

  function toggleMute() {
    video.muted = !video.muted;
    if (!video.muted && video.volume === 0) {
      video.volume = 1;
    }
  }

  function toggleSize() {
    const actual = page.classList.toggle('actual');
    setIcon(size, actual ? 'fit' : 'actual');
    nameTool(size, actual ? words.fit : words.actualSize);
  }

  /** The whole screen where VS Code lets a page have it, else the whole panel. */
  function toggleFullScreen() {
    if (page.classList.contains('theatre')) {
      leaveFullScreen();
      return;
    }
    if (document.fullscreenEnabled) {
      page.requestFullscreen().catch(() => undefined);
    }
    page.classList.add('theatre');
    drawFullScreen();
  }

  function leaveFullScreen() {
    if (document.fullscreenElement) {
      document.exitFullscreen().catch(() => undefined);
    }
    page.classList.remove('theatre');
    drawFullScreen();
  }

  function drawFullScreen() {
    const whole = page.classList.contains('theatre');
    setIcon(fullscreen, whole ? 'leave' : 'enter');
    nameTool(fullscreen, whole ? words.exitFullScreen : words.fullScreen, 'F');
  }
  document.addEventListener('fullscreenchange', () => {
    if (!document.fullscreenElement) {
      leaveFullScreen();
    }
  });

  function toggleKeys() {
    keys.hidden = !keys.hidden;
    help.setAttribute('aria-expanded', String(!keys.hidden));
  }

  let playedBeforeScrubbing = false;
  timeline.addEventListener('input', () => {
    if (!scrubbing) {
      scrubbing = true;
      playedBeforeScrubbing = !video.paused;
      video.pause();
    }
    seek((Number(timeline.value) / 1000) * video.duration);
  });
  timeline.addEventListener('change', () => {
    scrubbing = false;
    if (playedBeforeScrubbing) {
      video.play().catch(() => undefined);
    }
  });

  /** A second for a short clip, five for a long one. @param {1 | -1} direction */
  const jump = (direction) => seek(video.currentTime + direction * (video.duration <= 20 ? 1 : 5));

  /** @type {Record<string, () => void>} */
  const BY_KEY = {
    ' ': togglePlay,
    k: togglePlay,
    ArrowLeft: () => jump(-1),
    ArrowRight: () => jump(1),
    ',': () => step(-1),
    '.': () => step(1),
    '<': () => changeRate(-1),
    '>': () => changeRate(1),
    Home: () => seek(0),
    End: () => seek(video.duration),
    l: toggleLoop,
    m: toggleMute,
    f: toggleFullScreen,
    n: () => frameButtons[0]?.click(),
    u: () => frameButtons[1]?.click(),
    s: () => frameButtons[2]?.click(),
  };
  /** For keyboards that write other letters: by the place of the key. */
  const BY_PLACE = {
    KeyK: 'k',
    KeyL: 'l',
    KeyM: 'm',
    KeyF: 'f',
    KeyN: 'n',
    KeyU: 'u',
    KeyS: 's',
    Comma: ',',
    Period: '.',
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
      return;
    }
    if (event.key === 'Escape') {
      if (!keys.hidden) {
        toggleKeys();
      } else {
        leaveFullScreen();
      }
      return;
    }
    const target = event.target instanceof Element ? event.target : undefined;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const place = BY_PLACE[/** @type {keyof typeof BY_PLACE} */ (event.code)];
    const shifted = place === ',' ? '<' : place === '.' ? '>' : place;
    const key = name in BY_KEY || name === '?' ? name : ((event.shiftKey ? shifted : place) ?? name);
    if (page.dataset['state'] !== 'ready' || target === speed || target === volume) {
      return;
    }
    // A button is pressed by the space bar; the prompt is read and marked by the arrows.
    if ((key === ' ' && target instanceof HTMLButtonElement) || (target === prompt && key.length > 1)) {
      return;
    }
    if (key === '?') {
      toggleKeys();
    } else if (key in BY_KEY) {
      BY_KEY[key]?.();
    } else {
      return;
    }
    event.preventDefault();
  });

  // --- the host

  /**
   * Whether this is a whole model. The types are those of src/views/previewMessages.ts.
   *
   * @param {any} m
   * @returns {m is Model}
   */
  function isModel(m) {
    const text = (/** @type {unknown} */ value) => typeof value === 'string';
    const maybe = (/** @type {unknown} */ value, /** @type {string} */ type) =>
      value === undefined || typeof value === type;
    const list = (/** @type {unknown} */ value, /** @type {(item: any) => boolean} */ fits) =>
      Array.isArray(value) && value.every(fits);
    const offers = (/** @type {unknown} */ value) =>
      list(value, (item) => text(item?.action) && text(item.label) && maybe(item.primary, 'boolean'));
    return (
      typeof m === 'object' &&
      m !== null &&
      [m.id, m.state, m.title, m.heading, m.prompt].every(text) &&
      typeof m.ratio === 'number' &&
      list(m.lines, text) &&
      list(m.saved, text) &&
      list(
        m.facts,
        (fact) =>
          text(fact?.name) &&
          text(fact.value) &&
          maybe(fact.action, 'string') &&
          (fact.picture === undefined || (text(fact.picture) && /^data:image\/jpeg;base64,/.test(fact.picture))),
      ) &&
      offers(m.stageButtons) &&
      offers(m.buttons) &&
      [m.quote, m.notice, m.progressLabel].every((value) => maybe(value, 'string')) &&
      (m.estimate === undefined || (typeof m.estimate?.fraction === 'number' && text(m.estimate.label))) &&
      [m.elapsedMs, m.progress].every((value) => maybe(value, 'number')) &&
      (m.video === undefined ||
        (text(m.video?.url) &&
          /^(https?|vscode-webview-resource|vscode-resource):/.test(m.video.url) &&
          typeof m.video.copy === 'boolean' &&
          maybe(m.video.sound, 'boolean')))
    );
  }

  window.addEventListener('message', ({ data }) => {
    if (data?.type === 'model' && isModel(data.model)) {
      draw(data.model);
    }
    if (data?.type === 'drawFrame' && ArrayBuffer.isView(data.bytes)) {
      void drawFrame(new Blob([/** @type {any} */ (data.bytes)]));
    }
    if (data?.type === 'takeLastFrame' && shown?.video?.copy) {
      takeLastFrame(typeof data.due?.seconds === 'number' && typeof data.due.lasts === 'number' ? data.due : undefined);
    }
  });

  loop.setAttribute('aria-pressed', 'true');
  help.setAttribute('aria-expanded', 'false');
  drawPlay();
  drawSound();
  drawFullScreen();
  const first = JSON.parse(boot.dataset['model'] ?? 'null');
  // A page that was hidden and is shown again comes with the model of back then: it waits for news.
  if (isModel(first)) {
    if (!host.getState()) {
      draw(first);
    }
    host.setState({ id: first.id });
  }
  host.postMessage({ type: 'ready' });
})();
