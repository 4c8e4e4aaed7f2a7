import { getFamilies, getNearestModel } from '../api/modelGroups';
import { parseModelId, type ModelInfo, type SeedanceModelName } from '../api/models';
import { phrases, wordSet } from './phrases';
import type { Fix, PromptContext, Remark } from './remark';
import type { Tokens } from './tokens';

const SOUNDS =
  phrases(`sound of, sounds of, sound effect*, ambient sound|sounds|audio, sfx, soundtrack, background music, voiceover, voice-over, asmr, audio :, music :, sound :, narration :,
  music plays|playing|swells|fades|builds, звук|звуки, слышен|слышна|слышно|слышны, слышится, слышатся, музыка играет|звучит, играет|звучит ?тихая ?громкая ?веселая ?грустная музыка, фоновая музыка, саундтрек, закадровый голос,
  голос за кадром, озвучка, звуковые эффекты, музыка :, звук :`);
const SPEAKS =
  wordSet(`says say said saying whispers whisper whispering shouts shout shouting yells yell screams scream asks ask asking replies answers murmurs mutters sings sing singing speaks speaking
  announces exclaims calls declares narrates cries tells говорит говорят шепчет шепчут кричит кричат спрашивает отвечает произносит восклицает поет поют бормочет говоря сказал сказала крикнул
  крикнула прошептал прошептала скажет произнес произнесла`);
const INSCRIBED =
  wordSet(`sign signs text poster banner label screen caption title note card words shirt t-shirt board billboard letter newspaper book sticker neon display graffiti mug cup tattoo
  надпись вывеска табличка плакат экран экране текст записка футболка футболке`);
const NEGATED = wordSet('no without not without any без никакой никаких нет');
/** How far a verb may stand from what is said. */
const NEAR_TOKENS = 7;

export function findSilentSounds(tokens: Tokens, { model, models = [], aspectRatio }: PromptContext): Remark[] {
  const name = parseModelId(model);
  if (!name || name.audio) {
    return [];
  }
  for (let index = 0; index < tokens.length; index++) {
    const { zone, start, end } = tokens.at(index);
    let last = zone === 'text' ? matchSound(tokens, index) : undefined;
    const isFirst = zone !== tokens.at(index - 1).zone;
    let from = start;
    let to = last === undefined ? end : tokens.at(last).end;
    if (isFirst && (zone === 'quote' || zone === 'speech')) {
      last = index;
      while (tokens.at(last + 1).zone === zone && tokens.at(last + 1).kind !== 'break') {
        last++;
      }
      from = tokens.at(index).start;
      to = tokens.at(last).end;
      if (zone === 'quote' && !isSpoken(tokens, index, last)) {
        index = last;
        continue;
      }
    }
    if (last !== undefined) {
      const other = findModelWithSound(models, name);
      const fixes: Fix[] = other ? [{ kind: 'choose', model: other.id, aspectRatio, edits: [] }] : [];
      const excerpt = tokens.text.slice(from, to);
      return [{ rule: 'silent-model', start: from, end: to, excerpt, params: { model, other }, fixes }];
    }
  }
  return [];
}

function matchSound(tokens: Tokens, index: number): number | undefined {
  const sound = SOUNDS.match(tokens, index);
  if (!sound) {
    return undefined;
  }
  const isTitle =
    /^\p{Lu}/u.test(tokens.at(index).text) && !tokens.isSentenceStart(index) && tokens.at(index - 1).kind === 'word';
  // "Звуковая волна" is seen; so is a sound that there is not.
  const isNegated = [1, 2, 3].some((back) => NEGATED.has(tokens.at(index - back).word));
  const isLabel = tokens.at(sound.last).text !== ':' || tokens.isSentenceStart(index);
  return isTitle || isNegated || !isLabel ? undefined : sound.last;
}

function isSpoken(tokens: Tokens, first: number, last: number): boolean {
  for (let at = first - 1; at >= first - NEAR_TOKENS; at--) {
    const { word, kind, text } = tokens.at(at);
    if (kind === 'break' || kind === 'none' || /^[.!?]$/.test(text)) {
      break;
    }
    if (SPEAKS.has(word)) {
      return ![1, 2, 3, 4].some((back) => INSCRIBED.has(tokens.at(at - back).word));
    }
    if (INSCRIBED.has(word)) {
      return false;
    }
  }
  for (let at = last + 1; at <= last + 4; at++) {
    const { word, kind, text } = tokens.at(at);
    if (kind === 'break' || kind === 'none' || /^[.!?]$/.test(text)) {
      return false;
    }
    if (SPEAKS.has(word)) {
      return true;
    }
  }
  return false;
}

/** The cheapest with sound of the same resolution and duration, or near to them. */
function findModelWithSound(models: readonly ModelInfo[], name: SeedanceModelName): ModelInfo | undefined {
  const countOthers = (model: ModelInfo) =>
    Number(model.name?.resolution !== name.resolution) + Number(model.name?.seconds !== name.seconds);
  return getFamilies(models)
    .filter(({ audio }) => audio)
    .flatMap(({ family }) => getNearestModel(models, family, name) ?? [])
    .sort((a, b) => countOthers(a) - countOthers(b) || (a.price ?? Infinity) - (b.price ?? Infinity))[0];
}
