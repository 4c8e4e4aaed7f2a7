import * as v from 'valibot';
import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../gateway/aspectRatio';
import { inMessage } from '../platform/foreignText';
import { modelTitle, priceText } from '../platform/modelText';
import { readSettings } from '../platform/settings';
import { checkPrompt } from '../tasks/prompt';
import { balanceNow, shortageText } from './generating/balance';
import { askBudget } from './generating/budgetQuestion';
import { offerAndSend, planFor } from './generating/flow';
import { aspectRatiosOf, needsConfirmation, type ChosenFrame, type Plan } from './generating/plan';
import { askPrompt, askPromptAndImage, promptProblem, type PromptAndImage } from './generating/promptStep';
import { send } from './generating/send';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { BACK } from './steps';
import { InvalidArguments, Told } from './tellError';

/** What other extensions and key bindings may pass; part of the contract. */
const Arguments = v.object({
  prompt: v.optional(v.string()),
  model: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))),
  aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
  /** A `vscode.Uri`, its text, or a link. */
  firstFrame: v.optional(
    v.union([v.pipe(v.string(), v.minLength(1)), v.custom<vscode.Uri>((value) => value instanceof vscode.Uri)]),
  ),
  /** `false`: without the question, where `confirmAbove` lets it pass. */
  ask: v.optional(v.boolean()),
});
type Arguments = v.InferOutput<typeof Arguments>;

/**
 * Generates one video. Asks for the prompt if none is given, and then the question with the price.
 *
 * @returns the task's id, also when the service refused it; `undefined` when the person gave up
 * @throws {InvalidArguments} to the caller
 */
export async function run(rooms: Rooms, argument?: unknown): Promise<string | undefined> {
  const given = parseArguments(argument);
  if ((await requireKey(rooms)) === undefined) {
    return undefined;
  }
  const wish = await (given.prompt === undefined && given.firstFrame === undefined
    ? askWish(rooms)
    : completeWish(rooms, given));
  if (wish === undefined) {
    return undefined;
  }
  const { prompt, frames } = wish;
  const usual = planFor([prompt], vscode.window.activeTextEditor?.document.uri);
  const plan: Plan = {
    ...usual,
    frames,
    model: given.model ?? usual.model,
    aspectRatio: given.aspectRatio ?? usual.aspectRatio,
    isRatioChosen: given.aspectRatio !== undefined,
  };
  const records = given.ask === false ? await confirmAndSend(rooms, plan) : await offerAndSend(rooms, plan);
  return records?.[0]?.id;
}

/** What is to be seen. */
interface Wish {
  prompt: string;
  frames: readonly ChosenFrame[];
}

const title = () => vscode.l10n.t('Generate video');

/** Asks for the prompt, in which the person may add an image. */
async function askWish(rooms: Rooms): Promise<Wish | undefined> {
  for (let asked: PromptAndImage = { prompt: '' }; ;) {
    const answer = await askPromptAndImage(rooms, { title: title() }, asked);
    if (answer === undefined || answer === BACK) {
      return undefined;
    }
    const frames = answer.image
      ? await (await import('./generating/deliveryPick')).chooseDelivery(rooms, [answer.image])
      : [];
    if (frames !== BACK) {
      return frames && { prompt: fitPrompt(answer.prompt), frames };
    }
    asked = answer;
  }
}

/** Asks for what the program did not say. */
async function completeWish(rooms: Rooms, given: Arguments): Promise<Wish | undefined> {
  const prompt = given.prompt ?? (await askPrompt({ title: title() }));
  if (prompt === undefined || prompt === BACK) {
    return undefined;
  }
  const fit = fitPrompt(prompt);
  const frames =
    given.firstFrame === undefined
      ? []
      : await (await import('./generating/givenFrame')).frameOf(rooms, given.firstFrame);
  return frames && { prompt: fit, frames };
}

function fitPrompt(text: string): string {
  const check = checkPrompt(text);
  if (!check.ok) {
    throw new Told(`${promptProblem(text)} ${vscode.l10n.t('Nothing was sent.')}`);
  }
  return check.prompt;
}

/** Menus pass a URI or a row of the tree, which is no request: they count as nothing. */
function parseArguments(argument: unknown): Arguments {
  if (argument === undefined || argument === null || argument instanceof vscode.Uri) {
    return {};
  }
  const parsed = v.safeParse(Arguments, argument);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new InvalidArguments(`seedance.generate: ${v.getDotPath(issue) ?? 'argument'}: ${issue.message}`);
  }
  return parsed.output;
}

/**
 * A program asked for it, and said that no question is needed. The person has the last word all the same,
 * by `confirmAbove`; a dialog and not a quick pick, because they did not begin this.
 */
async function confirmAndSend(rooms: Rooms, plan: Plan) {
  const price = rooms.catalogue.priceOf(plan.model);
  const { goOn, asked } = await askBudget(rooms, plan, price);
  if (!goOn) {
    return undefined;
  }
  // The dialog about the budget names the price too: one question is enough.
  if (!asked && needsConfirmation(price, readSettings().confirmAbove)) {
    const generate = vscode.l10n.t('Generate – {0}', priceText(price));
    const balance = price === undefined ? undefined : await balanceNow(rooms);
    const shortage = balance && price !== undefined ? shortageText(balance, price) : undefined;
    const detail = [
      `${inMessage(modelTitle(plan.model))} · ${aspectRatiosOf(plan).join(', ')}`,
      inMessage(plan.prompts[0] ?? '', 500),
      ...(shortage === undefined ? [] : [shortage]),
    ];
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('Generate a video?'),
      { modal: true, detail: detail.join('\n\n') },
      generate,
    );
    if (choice !== generate) {
      return undefined;
    }
  }
  return send(rooms, plan, price);
}
