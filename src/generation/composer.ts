import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { Commands, COMPOSER_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { getNearestAspectRatio } from '../images/cropGeometry';
import { getImageProblem, isDrawable, readImageInfo } from '../images/imageInfo';
import { describeImageError } from '../messages/imageErrors';
import { formatPixels } from '../messages/format';
import { describeFix, describeRemark } from '../messages/promptRemarks';
import { readImageFile } from '../platform/imageFile';
import { checkPrompt } from '../tasks/model/prompt';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { BACK, type InputResult } from '../ui/quickInput';
import { showError } from '../ui/showError';
import type { ComposerForm } from '../views/composer/composerForm';
import { createComposerModel } from '../views/composer/composerModel';
import type { Form, FormFrame, FrameAction, HostMessage, WebviewMessage } from '../views/composer/protocol';
import { ComposerDraft } from './composerDraft';
import { fetchBalance, getBalanceText, getLeftToday, getShortageMessage, openTopUp } from './confirmBudget';
import { getLeftText, getMismatchMessage, type KnownMoney } from './confirmGeneration';
import { chooseDelivery, getDeliveryTitle } from './delivery/deliveryPicker';
import { isImageFile, type GenerationRequest, type SelectedFrame } from './generationRequest';
import { cropFrames, pickFirstFrame, selectFrameBy } from './imagePicker';
import { findRemarks, withFix, type PromptRemark } from './promptRemarks';
import { getPromptProblem } from './promptText';
import { confirmUnattendedAndSubmit } from './submitShown';
import { confirmAndSubmit, createGenerationRequest } from './submitGeneration';

/** An image that is no file of the user. */
export interface CapturedFrame {
  bytes: Uint8Array;
  label: string;
  from?: SourceImage['from'];
  thumbnail?: string | undefined;
}

/** Rules are quick, but nobody reads a remark about half a word. */
const CHECK_AFTER_MS = 300;

/**
 * What stands behind the page "Create": keeps what is typed, tells what it costs, and orders it the way everything is
 * ordered. It works only while a page is connected, but for what the user has begun there, such as choosing an image.
 */
export class Composer implements ComposerForm {
  readonly #services: ExtensionServices;
  readonly #draft: ComposerDraft;
  #post: ((message: HostMessage) => void) | undefined;
  #remarks: readonly PromptRemark[] = [];
  #checking: ReturnType<typeof setTimeout> | undefined;
  readonly #money: KnownMoney = { balance: undefined };
  #hasKey = false;
  #isBusy = false;
  #status = '';
  /** Presses that were taken: a press that comes twice orders once. */
  readonly #orders = new Set<string>();
  #settledOrder: string | undefined;
  /** Why the last press has ordered nothing; until the next change. */
  #promptProblem: string | undefined;
  #isChoosing = false;
  #isAwaitingFrame = false;

  constructor(services: ExtensionServices) {
    this.#services = services;
    this.#draft = ComposerDraft.of(services);
  }

  /** That of a window. */
  static of(services: ExtensionServices): Composer {
    const composer = composers.get(services) ?? new Composer(services);
    composers.set(services, composer);
    return composer;
  }

  connect(post: (message: HostMessage) => void): vscode.Disposable {
    const { modelCatalog, defaults, apiKey } = this.#services;
    this.#post = post;
    this.#status = '';
    const listeners = vscode.Disposable.from(
      toVsCode(modelCatalog.onDidChange(() => this.#show())),
      toVsCode(defaults.onDidChange(() => this.#show())),
      toVsCode(apiKey.onDidChange(() => void this.#askForMoney())),
      toVsCode(this.#draft.onDidFill(() => this.#onFilled())),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('seedance')) {
          this.#checkSoon();
          void this.#askForMoney();
        }
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused && this.#isShort()) {
          // The user may have topped it up in the browser.
          void this.#askForMoney();
        }
      }),
    );
    return new vscode.Disposable(() => {
      listeners.dispose();
      clearTimeout(this.#checking);
      if (this.#post === post) {
        this.#post = undefined;
      }
    });
  }

  async receive(message: WebviewMessage): Promise<void> {
    try {
      await this.#draft.load();
      await this.#handle(message);
    } catch (error) {
      if (error instanceof ImageError) {
        void vscode.window.showWarningMessage(
          `${describeImageError(error)} ${vscode.l10n.t('So it cannot be a first frame. Nothing was sent.')}`,
        );
      } else {
        showError(this.#services, 'seedance.composer', error);
      }
      this.#show();
    }
  }

  /** Takes what a preview has captured as the first frame, if one is awaited here. Otherwise it is for somewhere else. */
  async takeFrame(captured: CapturedFrame): Promise<boolean> {
    if (!this.#isAwaitingFrame || this.#post === undefined) {
      return false;
    }
    this.#isAwaitingFrame = false;
    this.#show();
    await vscode.commands.executeCommand(`${COMPOSER_VIEW}.focus`);
    await this.#chooseOnce(() => this.#useBytes(captured));
    return true;
  }

  async #handle(message: WebviewMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        await this.#begin(message.saved);
        break;
      case 'edit':
        this.#edit(message.revision, message.form);
        break;
      case 'generate':
        await this.#generate(message);
        break;
      case 'fix':
        await this.#fix(message);
        break;
      case 'frame':
        await this.#chooseOnce(() => this.#changeFrame(message.action));
        break;
      case 'image':
        await this.#chooseOnce(() =>
          this.#useBytes({
            bytes: new Uint8Array(message.bytes),
            label: message.name || vscode.l10n.t('Pasted image'),
            thumbnail: message.thumbnail,
          }),
        );
        break;
      case 'thumbnail':
        this.#keepThumbnail(message.key, message.thumbnail);
        break;
      case 'topUp':
        await openTopUp();
        break;
    }
  }

  async #begin(saved: { revision: number; form: Form } | undefined): Promise<void> {
    const lost = this.#draft.takeLost();
    if (lost !== undefined) {
      this.#status = vscode.l10n.t('The first frame can no longer be used: {0}', lost);
    }
    if (saved && saved.revision > this.#draft.revision) {
      // VS Code was closed before it had written down the last words.
      this.#edit(saved.revision, saved.form);
    }
    this.#show();
    this.#check();
    this.#drawFrame();
    void this.#services.modelCatalog.refresh();
    await this.#askForMoney();
  }

  #edit(revision: number, form: Form): void {
    const { prompt, aspectRatio, takes } = form;
    const isOther = form.model !== this.#request().model;
    const isKnown = !isOther || this.#services.modelCatalog.current().models.some(({ id }) => id === form.model);
    const changes = { prompt, aspectRatio, takes, ...(isOther && isKnown ? { model: form.model } : {}) };
    const ratioBefore = this.#draft.content.aspectRatio;
    const isNew = this.#draft.edit(revision, changes);
    if (!isNew || !isKnown) {
      // The page is about something else than what is here: it shows what is.
      this.#draft.change({});
    }
    if (!isNew) {
      this.#show();
      return;
    }
    this.#promptProblem = undefined;
    // As in every dialog: what was chosen last is what the next video begins with.
    if (isOther && isKnown) {
      this.#services.defaults.remember({ model: form.model });
    }
    if (aspectRatio !== undefined && aspectRatio !== ratioBefore) {
      this.#services.defaults.remember({ aspectRatio });
    }
    this.#show();
    this.#checkSoon();
  }

  async #generate(message: Extract<WebviewMessage, { type: 'generate' }>): Promise<void> {
    if (this.#isBusy || this.#orders.has(message.order)) {
      return;
    }
    this.#orders.add(message.order);
    if (!this.#isSeen(message)) {
      this.#draft.change({});
      this.#settledOrder = message.order;
      this.#tell(vscode.l10n.t('The form has changed meanwhile. Look at it once more. Nothing was sent.'));
      return;
    }
    const problem = getPromptProblem(message.form.prompt);
    if (problem !== undefined) {
      this.#promptProblem = problem;
      this.#settledOrder = message.order;
      this.#tell('');
      return;
    }
    const { takes } = this.#draft.content;
    const one = this.#request();
    const request = one.with({ prompts: Array.from({ length: takes }, () => one.prompts[0] ?? '') });
    this.#isBusy = true;
    this.#tell('');
    try {
      await requireApiKey(this.#services);
      const outcome = await confirmUnattendedAndSubmit(this.#services, request, { shown: { price: message.price } });
      this.#takeOver(one, outcome.request);
      const sent = outcome.records?.filter(({ gatewayId }) => gatewayId !== undefined).length ?? 0;
      this.#status =
        outcome.records === undefined
          ? vscode.l10n.t('Nothing was sent.')
          : sent === 0
            ? ''
            : vscode.l10n.t('Videos on their way: {0}', sent);
    } finally {
      this.#isBusy = false;
      this.#settledOrder = message.order;
      this.#show();
      void this.#askForMoney();
    }
  }

  /** Whether what is about to be ordered is what stood on the page when the button was pressed. */
  #isSeen({ revision, form, frame }: Extract<WebviewMessage, { type: 'generate' }>): boolean {
    const { content } = this.#draft;
    const request = this.#request();
    return (
      revision === this.#draft.revision &&
      form.prompt === content.prompt &&
      form.model === request.model &&
      form.aspectRatio === content.aspectRatio &&
      form.takes === content.takes &&
      frame === (content.frame && getKey(content.frame))
    );
  }

  /** What a question has changed stands in the form afterwards. */
  #takeOver(before: GenerationRequest, after: GenerationRequest): void {
    const prompt = after.prompts[0] ?? '';
    const isOther =
      prompt !== before.prompts[0] || after.model !== before.model || after.aspectRatio !== before.aspectRatio;
    if (isOther) {
      this.#draft.change({
        prompt,
        model: after.model,
        ...(after.isRatioChosen ? { aspectRatio: after.aspectRatio } : {}),
      });
      this.#checkSoon();
    }
  }

  async #fix({ revision, remark, fix }: Extract<WebviewMessage, { type: 'fix' }>): Promise<void> {
    const found = this.#remarks[remark];
    const chosen = found?.remark.fixes[fix];
    if (revision !== this.#draft.revision || !found || !chosen) {
      this.#show();
      return;
    }
    const before = this.#request();
    const changed = withFix(before, found.index, chosen);
    if (changed.prompts.length > 1) {
      // Several videos of one text are what the question before money is spent shows.
      await requireApiKey(this.#services);
      await confirmAndSubmit(this.#services, changed);
      return;
    }
    this.#takeOver(before, changed);
    this.#check();
    this.#show();
  }

  /** One dialog at a time: a second press while one is open does nothing. */
  async #chooseOnce(choose: () => Promise<void>): Promise<void> {
    if (this.#isChoosing || this.#isBusy) {
      return;
    }
    this.#isChoosing = true;
    try {
      await choose();
    } finally {
      this.#isChoosing = false;
    }
  }

  async #changeFrame(action: FrameAction): Promise<void> {
    const { frame } = this.#draft.content;
    const frames = frame ? [frame] : [];
    switch (action) {
      case 'choose':
        this.#useFrames(await selectFrameBy(this.#services, 'file', []));
        break;
      case 'change':
        this.#useFrames(await pickFirstFrame(this.#services, frames));
        break;
      case 'crop': {
        const cropped = frame && (await cropFrames(this.#services, this.#request()));
        if (cropped && cropped !== BACK) {
          this.#useFrames(cropped.frames, { keepsRatio: true });
        }
        break;
      }
      case 'remove':
        this.#useFrames([]);
        break;
      case 'fromVideo':
        this.#await(true);
        if ((await vscode.commands.executeCommand(Commands.findVideo)) === undefined) {
          this.#await(false);
        }
        break;
      case 'cancelVideo':
        this.#await(false);
        break;
    }
  }

  #await(isAwaiting: boolean): void {
    this.#isAwaitingFrame = isAwaiting;
    this.#show();
  }

  async #useBytes({ bytes, label, from, thumbnail }: CapturedFrame): Promise<void> {
    const facts = readImageInfo(bytes);
    const problem = getImageProblem(facts);
    if (!problem) {
      const stored = await readImageFile(vscode.Uri.file(await this.#services.imageStore.put(bytes)));
      await this.#useImage({ ...stored, label, from, thumbnail });
      return;
    }
    const cropped = await this.#services.cropper.open({
      image: { source: '', label, from, file: { facts, read: () => Promise.resolve(bytes) } },
      reason: describeImageError(problem),
      aspectRatio: problem.kind === 'ratio' ? getNearestAspectRatio(facts) : undefined,
    });
    if (cropped) {
      await this.#useImage(cropped);
    }
  }

  async #useImage(image: SourceImage): Promise<void> {
    this.#useFrames(await chooseDelivery(this.#services, [image]));
  }

  #useFrames(frames: InputResult<readonly SelectedFrame[]>, { keepsRatio = false } = {}): void {
    if (frames === undefined || frames === BACK) {
      this.#show();
      return;
    }
    const [frame, ...more] = frames;
    // The nearest ratio to another image; it is chosen once more if it is to be another one.
    this.#draft.setFrame(frame);
    if (!keepsRatio && this.#draft.content.aspectRatio !== undefined) {
      this.#draft.change({ aspectRatio: undefined });
    }
    this.#tell(more.length > 0 ? vscode.l10n.t('Only the first of the images is used here.') : '');
    this.#check();
    this.#drawFrame();
  }

  /** Asks the page to draw a thumbnail of a file that nothing has drawn yet. */
  #drawFrame(): void {
    const { frame } = this.#draft.content;
    const file = frame?.image.file;
    if (!frame || !file || frame.image.thumbnail !== undefined || !isDrawable(file.facts)) {
      return;
    }
    file.read().then(
      // Copied, because VS Code does not transfer a `Buffer`, and transfers all of the memory below a view.
      (bytes) => this.#post?.({ type: 'draw', key: getKey(frame), bytes: new Uint8Array(bytes) }),
      (error: unknown) => this.#services.log.debug(`first frame in "Create": ${String(error)}`),
    );
  }

  #keepThumbnail(key: string, thumbnail: string): void {
    const { frame } = this.#draft.content;
    if (frame && getKey(frame) === key) {
      this.#draft.setFrame({ ...frame, image: { ...frame.image, thumbnail } });
      this.#show();
    }
  }

  #onFilled(): void {
    this.#isAwaitingFrame = false;
    this.#promptProblem = undefined;
    this.#status = '';
    this.#check();
    this.#show({ focus: true });
    this.#drawFrame();
  }

  async #askForMoney(): Promise<void> {
    const { apiKey } = this.#services;
    this.#hasKey = (await apiKey.get().catch(() => undefined)) !== undefined;
    if (this.#hasKey && this.#post) {
      const [balance, leftToday] = await Promise.all([fetchBalance(this.#services), getLeftToday(this.#services)]);
      this.#money.balance = balance ?? 'unknown';
      this.#money.leftToday = leftToday;
    }
    this.#show();
  }

  #sum(request: GenerationRequest): number | undefined {
    const price = request.totalPrice(this.#services.modelCatalog.priceOf(request.model));
    return price === undefined ? undefined : price * this.#draft.content.takes;
  }

  #isShort(): boolean {
    const sum = this.#sum(this.#request());
    const { balance } = this.#money;
    return typeof balance === 'object' && sum !== undefined && getShortageMessage(balance, sum) !== undefined;
  }

  #getMoneyText(request: GenerationRequest): string {
    if (!this.#hasKey) {
      return '';
    }
    const { balance, leftToday } = this.#money;
    return [
      balance === undefined ? vscode.l10n.t('Balance: …') : getBalanceText(balance, this.#sum(request)),
      ...(leftToday === undefined ? [] : [getLeftText(leftToday)]),
    ].join(' ');
  }

  #checkSoon(): void {
    clearTimeout(this.#checking);
    this.#checking = setTimeout(() => {
      this.#check();
      this.#show();
    }, CHECK_AFTER_MS);
  }

  #check(): void {
    clearTimeout(this.#checking);
    const request = this.#request();
    this.#remarks = checkPrompt(request.prompts[0] ?? '').ok ? findRemarks(this.#services, request) : [];
  }

  /** What the form says, for one take. */
  #request(): GenerationRequest {
    const { prompt, model, aspectRatio, frame } = this.#draft.content;
    const usual = createGenerationRequest(this.#services, [prompt], undefined);
    return usual.with({
      frames: frame ? [frame] : [],
      model: model ?? usual.model,
      aspectRatio: aspectRatio ?? usual.aspectRatio,
      isRatioChosen: aspectRatio !== undefined,
    });
  }

  #tell(status: string): void {
    this.#status = status;
    this.#show();
  }

  #show({ focus }: { focus?: boolean } = {}): void {
    if (!this.#post) {
      return;
    }
    const { prompt, takes, frame } = this.#draft.content;
    const request = this.#request();
    const model = createComposerModel(
      {
        revision: this.#draft.revision,
        prompt,
        promptProblem: this.#promptProblem,
        remarks: this.#remarks.map(({ remark }) => ({
          text: describeRemark(remark),
          fixes: remark.fixes.map((fix) => describeFix(fix, request.prompts[0] ?? '')),
        })),
        model: request.model,
        ratio: request.aspectRatios[0] ?? request.aspectRatio,
        isRatioChosen: request.isRatioChosen,
        takes,
        frame: frame && describeFrame(frame, request),
        isAwaitingFrame: this.#isAwaitingFrame,
        money: this.#getMoneyText(request),
        isShort: this.#isShort(),
        isBusy: this.#isBusy,
        settledOrder: this.#settledOrder,
        status: this.#status,
      },
      this.#services.modelCatalog.current(),
    );
    this.#post({ type: 'model', model, ...(focus ? { focus } : {}) });
  }
}

const composers = new WeakMap<ExtensionServices, Composer>();

/** Tells an image, and the way it is sent, from others. */
function getKey({ image: { source, file, link }, delivery }: SelectedFrame): string {
  const parts = [source, file?.hash, link, delivery];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function describeFrame(frame: SelectedFrame, request: GenerationRequest): FormFrame {
  const { image } = frame;
  return {
    key: getKey(frame),
    label: image.label,
    ...(image.file ? { size: formatPixels(image.file.facts) } : {}),
    delivery: vscode.l10n.t('The image is sent {0}', getDeliveryTitle(frame)),
    warning: getMismatchMessage(request),
    canCrop: isImageFile(image),
    thumbnail: image.thumbnail,
  };
}

function toVsCode(disposable: { dispose(): void }): vscode.Disposable {
  return new vscode.Disposable(() => disposable.dispose());
}
