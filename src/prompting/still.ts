import { phrases, wordSet } from './phrases';
import type { PromptContext, Remark } from './remark';
import type { Tokens } from './tokens';

/** Signs that a sentence describes what the first frame shows already. */
const STILL =
  phrases(`is|are wearing, wears, wearing, dressed in, there is|are, is|are located, with long|short|curly|black|blond|blonde|brown|red|blue|green|white|dark hair|eyes|walls, in the background, in the foreground, behind her|him|them|it,
  on the left|right, to the left|right, next to, is|are bright|dark|modern|white|black|blue|red|green|empty|small|large|old|made|decorated|furnished|visible|covered|full, stands|standing by|beside|near|in|on|at, sits|sitting by|beside|near|in|on|at, lies|lying,
  hangs on, in a|an red|blue|white|black|green|yellow dress|suit|shirt|coat|jacket|sweater|hat,
  на заднем плане, на переднем плане, на фоне, находится, находятся, расположен*, одет|одета|одеты в, с длинными|короткими|черными|светлыми|темными|рыжими|голубыми|карими, на шее, на голове, стоит|стоят, сидит|сидят, лежит|лежат, висит|висят,
  слева, справа, позади, вокруг, в красном|белом|черном|синем|зеленом|желтом платье|костюме|пальто|свитере, рядом с, стены|стена, комната`);

const ING = /^[a-z]{2,}ing$/;
const NOT_MOVING =
  wordSet(`wearing standing sitting lying being having hanging leaning resting evening morning building ceiling lighting painting clothing spring string thing nothing something everything anything
  surrounding stunning striking charming interesting king ring wing during featuring showing depicting containing including looking facing holding piercing railing wedding earring stocking swimming dining living flooring
  setting existing remaining overlooking housing matching`);
const MOVES =
  wordSet(`turn turns walk walks run runs jump jumps smile smiles laugh laughs wave waves move moves lift lifts raise raises open opens close closes fall falls rise rises fly flies spin spins dance dances blink blinks
  nod nods look looks reach reaches grab grabs throw throws pour pours blow blows sway sways flutter flutters drift drifts float floats flicker flickers push pushes pull pulls pan pans zoom zooms tilt tilts orbit orbits follow follows step steps
  drive drives ride rides swim swims swing swings shake shakes roll rolls rotate rotates begin begins start starts burst bursts explode explodes melt melts grow grows transform transforms appear appears disappear disappears
  emerge emerges approach approaches enter enters leave leaves lean leans speak speaks say says sing sings play plays drink drinks eat eats breathe breathes sigh sighs shimmer shimmers ripple ripples crash crashes pass passes
  slowly gently suddenly wink winks bow bows kiss kisses hug hugs stretch stretches yawn yawns wag wags chase chases climb climbs crawl crawls leap leaps glide glides soar soars fade fades glow glows sparkle sparkles
  steps back pick picks put puts take takes touch touches brush brushes stroke strokes cross crosses motion movement animate animated`);
/** Russian verbs of the present, by their ending. */
const RUSSIAN_VERB = /^[а-я]{2,}(ет|ит|ут|ют|ат|ят|ется|ится|утся|ются|атся|ятся|ает|яет)$/;
const RUSSIAN_STILL =
  wordSet(`стоит стоят сидит сидят лежит лежат висит висят находится находятся свет цвет букет предмет портрет силуэт кабинет рассвет жилет паркет билет буфет вид
  изображает носит видит видят табурет скелет браслет пистолет самолет вертолет планшет буклет гранит магнит халат салат закат аппарат плакат гранат сад фасад ряд взгляд`);
const MIN_WORDS = 14;
const MIN_SHARE = 0.7;

/** With a first frame the prompt should say what happens; its look is seen already. */
export function findStillDescription(tokens: Tokens, { firstFrame }: PromptContext): Remark[] {
  if (!firstFrame) {
    return [];
  }
  let words = 0;
  let still = 0;
  let first: number | undefined;
  let last = 0;
  for (let index = 0; index < tokens.length;) {
    const sentence = readSentence(tokens, index);
    words += sentence.words;
    if (sentence.isStill && !sentence.isMoving) {
      still += sentence.words;
      first ??= index;
      last = sentence.last;
    }
    index = sentence.last + 2;
  }
  if (first === undefined || words < MIN_WORDS || still < words * MIN_SHARE) {
    return [];
  }
  const { start } = tokens.at(first);
  const { end } = tokens.at(last);
  return [{ rule: 'still-described', start, end, excerpt: tokens.text.slice(start, end), params: {}, fixes: [] }];
}

function readSentence(tokens: Tokens, first: number) {
  let words = 0;
  let isStill = false;
  let isMoving = false;
  let at = first;
  for (; at < tokens.length; at++) {
    const { kind, word, text } = tokens.at(at);
    if (kind === 'break' || /^[.!?;…。]$/u.test(text)) {
      break;
    }
    if (kind === 'word') {
      words++;
      isStill ||= STILL.match(tokens, at) !== undefined;
      isMoving ||=
        MOVES.has(word) ||
        (ING.test(word) && !NOT_MOVING.has(word)) ||
        (RUSSIAN_VERB.test(word) && !RUSSIAN_STILL.has(word));
    }
  }
  return { words, isStill, isMoving, last: at - 1 };
}
