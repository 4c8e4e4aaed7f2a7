import { phrases, Phrases, lines, wordSet } from './phrases';
import { removal, type Fix, type Remark, type TextEdit } from './remark';
import type { Tokens } from './tokens';

const NEGATORS =
  wordSet(`no not without don't dont doesn't didn't isn't aren't wasn't won't can't cannot never avoid avoiding
  nobody none nothing nowhere neither без не нет никто ничего никого никакой никакого никакая никакие никаких никогда
  избегай избегайте нельзя`);

/** Documented: of all negations Seedance 2 follows these; with the others nothing better could be said either. */
const OBEYED = phrases(
  `subtitle*, logo|logos, watermark*, caption|captions, субтитр*, логотип*, водян* знак*, вотермар*`,
);
const BEFORE_OBEYED = wordSet('any add show include generate use display visible никаких видимых');

/** Say something about the picture, or nothing, but do not ask for an absence. */
const IDIOMS = phrases(`
  no longer, no more|less|fewer than, no sooner, no matter, no doubt, no wonder, no #, no . #, no one else, no stranger to, no end,
  not only, not just, not unlike, not far, not long ago, not so long ago, not to mention, not quite, not yet, if|whether not, or not,
  whether or not, why not, not without, no place like, in no time, nothing but, nothing less than, nothing short of, none other,
  none the less, never ending, never stops|stop, never fails|fail, never gives|give up, like|as never before, like nobody, like no one, as if nobody, as if no one, like never, second to none, no other than, nothing if not, never mind, no less, not so much, not in the least, more often than not, for nothing,
  cannot|can't help|stop|wait|believe|resist|contain|hide|take|keep, not stop|stopping|hesitate|wait|give|let|look away, doesn't|don't stop|hesitate|give|let,
  without a|any doubt|pause|break|hurry|warning|end|effort|hesitation|delay|interruption|word|hitch|rush,
  without stopping|pausing|warning|end|hesitation|hesitating|hurry|effort|pause|delay|interruption|rest|haste|blinking, as if nothing, nothing happened,
  не только, не спеша, не торопясь, не просто, не менее, не более, не меньше, не больше, не раз, не один раз, не хуже, не прочь, не то, не так давно|далеко,
  не далеко, не отрыва*, не отводя, не сводя, не мига*, не морга*, не переставая, не прекраща*, не останавлива*, не перестает|перестают, не сдерживая,
  не скрывая, не выпуская, не удержа*, не выдерж*, не дожидаясь, не теряя, не сбавля*, не замеча*, не обращая, не глядя, не сдается|сдаются, не отстает|отстают,
  не спешит|спешат, не торопится|торопятся, не унимается, не отступает, не может|могут|мог не, едва|чуть не, пока не, тем не менее, если не, как никогда,
  не прошло и, не пройдет и, не успе*, не сводит|сводят|отводит|отводят|отрывает|отрывают, не покладая, не разбирая, не помня, не чуя, не моргнув, не зная|ведая, не чета, не миновать, не остается|остается ничего, не теряет,
  ничего не подозрева*, как ни в чем не бывало, как ни, ничего себе, нет сомнен*,
  без конца, без остановк*, без остановок, без перерыв*, без устали, без умолку, без сомнен*, без труда, без усили*, без спешки, без промедлен*, без исключен*,
  без ума, без памяти, без оглядки, без предупрежден*, без слов, без колебан*, без четверти|пяти|десяти|двадцати, без #, не без`);

/** Read as a sign, and not as what the prompt says. */
const INSCRIPTIONS = wordSet(`sign signs poster text sticker label button plate banner reads reading titled called named
  знак says saying graffiti tattoo t-shirt табличка табличку табличкой надпись надписью вывеска плакат гласит написано граффити`);

/** Behind what stands on it: "a no parking sign". "Text" is none, for "don't add text" is meant so. */
const SIGNS = wordSet('sign signs poster sticker label plate plaque banner знак табличка плакат');

const LINKING = wordSet('and but or then while as и а но или пока');
/** Before a noun: then the whole can be left away. */
const OF_NOUNS = wordSet('no without без нет никаких никакой никакого avoid избегай избегайте');

/** What to say instead, for what is often not wanted. */
const INSTEAD = new Phrases<string>(
  Object.entries({
    'no|without people|humans|persons|crowds|pedestrians': 'deserted',
    'no|without clouds': 'clear sky',
    'no|without camera movement|motion|moves, no moving camera': 'static camera',
    'no|without cuts|cut|editing': 'one continuous shot',
    'no|without blur': 'sharp focus',
    'no|without motion blur': 'crisp motion',
    'no|without shadows': 'soft even light',
    'no|without distortion|distortions|deformation': 'natural proportions',
    'no|without shaking|shake|camera shake': 'steady camera',
    'no|without color|colour|colors': 'black and white',
    'no|without makeup|make-up': 'bare face',
    'без людей, нет людей, никаких людей': 'безлюдно',
    'без облаков, нет облаков': 'ясное небо',
    'без движения камеры': 'неподвижная камера',
    'без склеек, без монтажа': 'одним непрерывным кадром',
    'без размытия': 'резкий фокус',
    'без теней': 'мягкий ровный свет',
    'без тряски': 'плавная съёмка',
  }).flatMap(([patterns, text]) => lines(patterns).map((pattern) => [pattern, text] as const)),
);

const NEGATIVE_PROMPT = phrases('negative prompt, negative_prompt, негативный промпт');
const MAX_WORDS = 3;
const MAX_REMOVED_WORDS = 7;

export function findNegations(tokens: Tokens): Remark[] {
  const remarks: Remark[] = [];
  for (let index = 0; index < tokens.length;) {
    const found = tokens.at(index).zone === 'text' ? findAt(tokens, index) : undefined;
    if (found?.remark) {
      remarks.push(found.remark);
    }
    index = (found?.last ?? index) + 1;
  }
  return remarks;
}

function findAt(tokens: Tokens, index: number): { last: number; remark?: Remark } | undefined {
  const { word } = tokens.at(index);
  const idiom = IDIOMS.match(tokens, index);
  if (idiom) {
    return { last: idiom.last };
  }
  const prompt = NEGATIVE_PROMPT.match(tokens, index);
  if (prompt) {
    return { last: prompt.last, remark: toRemark(tokens, index, prompt.last, []) };
  }
  const isNoOne = word === 'no' && tokens.at(index + 1).word === 'one';
  if (!NEGATORS.has(word) || isName(tokens, index) || isInterjection(tokens, index) || isLine(tokens, index)) {
    return undefined;
  }
  const obeyed = skipObeyed(tokens, index);
  if (obeyed !== undefined) {
    return { last: obeyed };
  }
  let last = index;
  for (let words = isNoOne ? 0 : 1; words <= MAX_WORDS; words++) {
    const next = tokens.at(last + 1);
    if (next.kind !== 'word' || next.zone !== 'text' || (words > 1 && LINKING.has(next.word))) {
      break;
    }
    last++;
  }
  return { last, remark: toRemark(tokens, index, last, getFix(tokens, index)) };
}

function toRemark(tokens: Tokens, first: number, last: number, fixes: readonly Fix[]): Remark {
  const { start } = tokens.at(first);
  const { end } = tokens.at(last);
  return { rule: 'negation', start, end, excerpt: tokens.text.slice(start, end), params: {}, fixes };
}

/** "Dr. No", "No Man's Land", and a sign that forbids something. */
function isName(tokens: Tokens, index: number): boolean {
  const { text } = tokens.at(index);
  const next = tokens.at(index + 1);
  const isCapital = /^\p{Lu}/u.test(text);
  const isShouted = text.length > 1 && text === text.toUpperCase();
  if (isCapital && !isShouted && (!tokens.isSentenceStart(index) || tokens.at(index - 1).text === '.')) {
    const isTitle = /^\p{Lu}/u.test(next.text) || next.kind !== 'word';
    const isAfterTitle = tokens.at(index - 1).text === '.' && /^(dr|mr|mrs|ms)$/.test(tokens.at(index - 2).word);
    if (isAfterTitle || (isTitle && tokens.at(index - 1).text !== '.') || !tokens.isSentenceStart(index)) {
      return true;
    }
  }
  if (isCapital && !isShouted && next.text !== 'I' && /^\p{Lu}\p{Ll}/u.test(next.text)) {
    return true;
  }
  for (let at = index - 1; at >= index - 3 && !/^[,.;!?]$/.test(tokens.at(at).text); at--) {
    if (INSCRIPTIONS.has(tokens.at(at).word)) {
      return true;
    }
  }
  for (let at = index + 1; at <= index + (isShouted ? 4 : 2) && tokens.at(at).kind === 'word'; at++) {
    if (at > index + 1 && SIGNS.has(tokens.at(at).word)) {
      return isShouted || ['no', 'do', "don't", 'not', 'нет', 'не'].includes(tokens.at(index).word);
    }
  }
  return false;
}

/** Before a colon, what a prompt is made of; any other name there is that of who speaks. */
const FIELDS =
  wordSet(`subject action camera style light lighting setting scene environment mood background avoid negative constraint constraints note notes rules
  music sound audio prompt shot location place time weather character characters detail details requirements important motion movement quality output video
  объект действие камера стиль свет освещение место сцена обстановка настроение фон избегать ограничения важно музыка звук промпт кадр время погода детали герой герои движение видео`);
const LINE_TOKENS = 16;

/** "Anna: Don't go!" as in a script. */
function isLine(tokens: Tokens, index: number): boolean {
  for (let at = index - 1; at >= index - LINE_TOKENS; at--) {
    const { text, kind } = tokens.at(at);
    if (kind === 'none' || kind === 'break' || /^[.!?]$/.test(text)) {
      return false;
    }
    if (text === ':') {
      const name = tokens.at(at - 1);
      return /^\p{Lu}/u.test(name.text) && !FIELDS.has(name.word) && ['none', 'break'].includes(tokens.at(at - 2).kind);
    }
  }
  return false;
}

/** "No, wait": it answers, and denies nothing in the picture. */
function isInterjection(tokens: Tokens, index: number): boolean {
  const isAnswer = ['no', 'нет'].includes(tokens.at(index).word);
  return isAnswer && tokens.isSentenceStart(index) && /^[,.!?…—–-]$/.test(tokens.at(index + 1).text);
}

/** "No subtitles, logos or watermarks." */
function skipObeyed(tokens: Tokens, index: number): number | undefined {
  let at = index + 1;
  while (BEFORE_OBEYED.has(tokens.at(at).word)) {
    at++;
  }
  let last: number | undefined;
  for (let found = OBEYED.match(tokens, at); found; found = OBEYED.match(tokens, at)) {
    last = found.last;
    at = last + 1;
    while (/^(,|or|and|nor|и|или|no|без|any)$/.test(tokens.at(at).word)) {
      at++;
    }
  }
  return last;
}

function getFix(tokens: Tokens, index: number): Fix[] {
  if (!OF_NOUNS.has(tokens.at(index).word) || !tokens.isClauseStart(index)) {
    return [];
  }
  const instead = INSTEAD.match(tokens, index);
  const { start } = tokens.at(index);
  if (instead && tokens.isClauseEnd(instead.last)) {
    const isCapital = /^\p{Lu}/u.test(tokens.at(index).text);
    const text = isCapital ? instead.value.charAt(0).toUpperCase() + instead.value.slice(1) : instead.value;
    return [{ kind: 'edit', edits: [{ start, end: tokens.at(instead.last).end, text }] }];
  }
  let last = index;
  while (
    tokens.at(last + 1).kind === 'word' &&
    !LINKING.has(tokens.at(last + 1).word) &&
    last - index < MAX_REMOVED_WORDS
  ) {
    last++;
  }
  if (last === index || !tokens.isClauseEnd(last)) {
    return [];
  }
  const edit = removeClause(tokens, index, last);
  return edit ? [{ kind: 'edit', edits: [edit] }] : [];
}

/** Removes a clause with the comma before it, or with the sign behind it where it begins a sentence. */
export function removeClause(tokens: Tokens, first: number, last: number): TextEdit | undefined {
  const before = tokens.at(first - 1);
  const behind = tokens.at(last + 1);
  if (before.text === ',' || before.text === ';') {
    return removal(tokens.text, before.start, tokens.at(last).end);
  }
  if (
    (before.kind === 'none' || before.kind === 'break' || /^[.!?]$/.test(before.text)) &&
    /^[,;.!?]$/.test(behind.text)
  ) {
    return first === 0 && last + 2 >= tokens.length
      ? undefined
      : removal(tokens.text, tokens.at(first).start, behind.end);
  }
  if (/^[.!?]$/.test(before.text) && behind.kind !== 'mark') {
    return removal(tokens.text, tokens.at(first).start, tokens.at(last).end);
  }
  return undefined;
}
