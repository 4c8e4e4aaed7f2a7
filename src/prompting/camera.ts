import { lines, phrases, Phrases, wordSet } from './phrases';
import type { Remark, Fix } from './remark';
import { removeClause } from './negation';
import type { Boundary } from './shots';
import type { Tokens } from './tokens';

/** Moves of one group do not compete: "zoom in" and "push in" are the same to a viewer. */
type Group =
  'in' | 'out' | 'pan' | 'tilt' | 'crane' | 'truck' | 'orbit' | 'track' | 'fly' | 'dolly zoom' | 'handheld' | 'static';

interface Move {
  group: Group;
  first: number;
  last: number;
}

const table = (groups: Partial<Record<Group, string>>) =>
  new Phrases<Group>(
    Object.entries(groups).flatMap(([group, text]) => lines(text).map((line) => [line, group as Group] as const)),
  );

/** Film terms that mean the camera wherever they stand. */
const TERMS = table({
  in: 'push-in, zoom-in, dolly-in, наезд камеры, приближение камеры',
  out: 'pull-back, zoom-out, dolly-out, отъезд камеры, отдаление камеры',
  pan: 'panning shot, whip pan, whip-pan, camera pan, панорама вправо|влево|слева|справа',
  tilt: 'tilt-up, tilt-down, camera tilt, панорама вверх|вниз|снизу|сверху',
  crane: 'crane shot, jib shot, crane up|down shot, подъем камеры, опускание камеры',
  truck: 'trucking shot',
  orbit: 'orbit shot, orbiting shot, orbital shot, arc shot, облет камеры, вращение камеры, облет камерой',
  track: 'tracking shot, follow shot, dolly shot, проводка камеры, проезд камеры',
  fly: 'fly-through, flythrough, пролет камеры',
  'dolly zoom': 'dolly zoom, vertigo effect|zoom',
  handheld: 'handheld, hand-held, ручная камера, ручной камерой, с рук',
  static: `static camera|shot|frame|view, camera static, fixed camera, locked-off, locked off, locked camera|shot, tripod shot, stationary camera, camera locked,
    неподвижн* камер*, статичн* камер*|кадр|план, фиксированн* камер*, стационарн* камер*, камера неподвижна|статична|зафиксирована|фиксирована, камера стоит ?на месте,
    камера не двигается|движется, съемка со штатива`,
});

/** The same in the words of everyday: only where a clause begins, or behind a word such as "slow". */
const COMMANDS = table({
  in: 'push in, zoom in, dolly in, dolly forward, наезд, зум',
  out: 'pull back|out, zoom out, dolly out|back, отъезд',
  pan: 'pan left|right|across|over|from|to|along, pan, панорама',
  tilt: 'tilt up|down, pan up|down',
  crane: 'crane up|down, boom up|down, pedestal up|down',
  truck: 'truck left|right',
  orbit: 'orbit, orbit around, облет',
  track: 'dolly along',
});

/** What a camera does, behind the word. */
const VERBS = table({
  in: `push* in|forward|closer|toward|towards|into|through, zoom* in|into|toward|towards|closer, dolly|dollies|dollying in|forward|toward|towards|into,
    move|moves|moving|glides|gliding|creeps|creeping|drifts|inches in|closer|forward|toward|towards|into, closes|closing in, наезжает, приближается, подъезжает, движется вперед`,
  out: `pull* back|out|away, zoom* out|back|away, dolly|dollies|dollying out|back|away, move|moves|moving|drifts back|backward|backwards|away|out, retreats, backs away,
    отъезжает, отдаляется, удаляется, движется назад`,
  pan: 'pan|pans|panning|panned, whip-pans, whip pans, панорамирует, поворачивает|поворачивается вправо|влево|направо|налево',
  tilt: 'tilt|tilts|tilting, pan|pans|panning up|down, наклоняется',
  crane:
    'crane|cranes|craning, rise|rises|rising, ascends|ascending, descend|descends|descending, lowers|lowering, booms, move|moves|moving up|down, поднимается, опускается, взлетает, взмывает',
  truck:
    'truck|trucks|trucking, slides left|right|sideways, move|moves|moving left|right|sideways|laterally, движется вправо|влево',
  orbit:
    'orbit|orbits|orbiting, circle|circles|circling, arcs|arcing, revolves|revolving, rotates|rotating around, spins around, swirls around, move|moves|moving around, облетает, объезжает, кружит, вращается, обходит, движется вокруг',
  track:
    'track|tracks|tracking, follow|follows|following, chases|chasing, trails|trailing, следует, следит, сопровождает, преследует, едет за, движется за, идет за',
  fly: 'fly|flies|flying, soars|soaring, sweeps|sweeping, swoops|swooping, летит, пролетает, парит',
  static:
    'is|remains|stays|holds ?completely ?perfectly static|still|fixed|stationary|locked|motionless, остается неподвижной|неподвижна',
});

/** Of these, those that say the camera also at a distance from the word. */
const CHAINED =
  phrases(`pans, panning, zooms in|out|into|back, zooming in|out, tilts up|down, pushes in|forward|closer, pulls back|out|away, dollies, orbits, cranes up|down,
  trucks left|right, circles around, tracks left|right|forward|backward, наезжает, отъезжает, панорамирует, облетает, объезжает, приближается, отдаляется`);

const ADVERBS =
  wordSet(`then is starts begins to now just also smoothly gently slow slowly медленно плавно быстро резко постепенно затем потом далее начинает начинают
  слегка осторожно мягко неспешно тоже также очень снова сначала и`);
const BEFORE_COMMAND =
  wordSet(`a an the slow slowly gentle gently smooth smoothly quick fast rapid subtle dramatic gradual steady cinematic camera final brief continuous long extreme soft then with into
  медленный медленным медленная плавный плавным плавная быстрый быстрым быстрая резкий резким легкий затем потом`);
const JOINS = /^(and|then|while|before|и|затем|потом|,)$/;
const DETERMINERS = wordSet('the a an his her their its my your some');
const CAMERA = /^(camera|камера)$/;
const MAX_ADVERBS = 4;

export function findCameraConflicts(tokens: Tokens, boundaries: readonly Boundary[]): Remark[] {
  const starts = boundaries.map(({ first }) => first);
  const shots: Move[][] = [[]];
  let shot = 0;
  for (const move of findMoves(tokens)) {
    while (shot < starts.length && starts[shot]! <= move.first) {
      shot++;
    }
    (shots[shot] ??= []).push(move);
  }
  return shots.flatMap((moves) => (moves ? getConflicts(tokens, moves) : []));
}

function getConflicts(tokens: Tokens, all: readonly Move[]): Remark[] {
  const moves = all.filter(({ group }) => group !== 'static' && group !== 'handheld');
  const still = all.find(({ group }) => group === 'static');
  const [first] = moves;
  const known = new Set(first && [first.group]);
  const remarks = moves.flatMap((move): Remark[] => {
    if (!first || known.has(move.group)) {
      return [];
    }
    known.add(move.group);
    return [toRemark(tokens, first, move, false, getRemoval(tokens, move))];
  });
  const moving = still && (first ?? all.find(({ group }) => group === 'handheld'));
  if (moving) {
    const [before, behind] = still.first < moving.first ? [still, moving] : [moving, still];
    remarks.unshift(toRemark(tokens, before, behind, true, getRemoval(tokens, still)));
  }
  return remarks;
}

function toRemark(tokens: Tokens, before: Move, behind: Move, isStatic: boolean, fixes: readonly Fix[]): Remark {
  const { start } = tokens.at(behind.first);
  const { end } = tokens.at(behind.last);
  const params = { first: tokens.slice(before.first, before.last), isStatic };
  return { rule: 'camera', start, end, excerpt: tokens.text.slice(start, end), params, fixes };
}

function findMoves(tokens: Tokens): Move[] {
  const moves: Move[] = [];
  let isCameraSentence = false;
  for (let index = 0; index < tokens.length; index++) {
    const { word, zone, text, kind } = tokens.at(index);
    if (zone !== 'text') {
      continue;
    }
    if (kind === 'break' || /^[.!?;]$/.test(text)) {
      isCameraSentence = false;
    }
    const move = matchMove(tokens, index, isCameraSentence);
    if (move) {
      isCameraSentence ||= CAMERA.test(word);
      moves.push(move);
      index = move.last;
    }
  }
  return moves;
}

function matchMove(tokens: Tokens, index: number, isCameraSentence: boolean): Move | undefined {
  const term = TERMS.match(tokens, index);
  if (term) {
    return { group: term.value, first: index, last: term.last };
  }
  if (CAMERA.test(tokens.at(index).word)) {
    let at = index + 1;
    for (let skipped = 0; skipped < MAX_ADVERBS; skipped++) {
      if (VERBS.match(tokens, at)) {
        break;
      }
      const { word } = tokens.at(at);
      if (!ADVERBS.has(word) && !/^[a-z]+ly$/.test(word)) {
        break;
      }
      at++;
    }
    const verb = VERBS.match(tokens, at);
    return verb && { group: verb.value, first: index, last: verb.last };
  }
  if (isCameraSentence && CHAINED.match(tokens, index) && isJoined(tokens, index)) {
    const verb = VERBS.match(tokens, index);
    return verb && { group: verb.value, first: index, last: verb.last };
  }
  const command = COMMANDS.match(tokens, index);
  if (!command || !isCommand(tokens, index)) {
    return undefined;
  }
  const isOfThings = DETERMINERS.has(tokens.at(command.last + 1).word) && /^(push|pull)/.test(tokens.at(index).word);
  // "Pan" alone is a film term only behind a word that says so.
  const isBare = command.last === index && !BEFORE_COMMAND.has(tokens.at(index - 1).word);
  const isThing = command.last === index && /^(a|an|the)$/.test(tokens.at(index - 1).word);
  return isOfThings || isBare || isThing ? undefined : { group: command.value, first: index, last: command.last };
}

function isJoined(tokens: Tokens, index: number): boolean {
  let at = index - 1;
  for (let skipped = 0; skipped < MAX_ADVERBS; skipped++) {
    const { word } = tokens.at(at);
    if (JOINS.test(word)) {
      return true;
    }
    if (!ADVERBS.has(word) && !/^[a-z]+ly$/.test(word)) {
      return false;
    }
    at--;
  }
  return false;
}

/** A clause begins with it, or "slow" and the like stands before, with which a clause begins. */
function isCommand(tokens: Tokens, index: number): boolean {
  if (tokens.isClauseStart(index)) {
    return true;
  }
  const { word } = tokens.at(index - 1);
  return BEFORE_COMMAND.has(word);
}

/** Removes the move where a clause says nothing else. */
function getRemoval(tokens: Tokens, { first, last, group }: Move): Fix[] {
  let from = first;
  while (from > first - MAX_ADVERBS && !tokens.isClauseStart(from)) {
    const { word } = tokens.at(from - 1);
    if (!ADVERBS.has(word) && !BEFORE_COMMAND.has(word) && !JOINS.test(word) && !/^[a-z]+ly$/.test(word)) {
      break;
    }
    from--;
  }
  let to = last;
  while (tokens.at(to + 1).kind === 'word' && to - last < (group === 'static' ? 1 : MAX_OBJECT_WORDS)) {
    to++;
  }
  if (!tokens.isClauseEnd(to)) {
    return [];
  }
  if (/^(and|then|и|затем|потом)$/.test(tokens.at(from).word) && !tokens.isClauseStart(from)) {
    let start = tokens.at(from).start;
    while (start > 0 && ' \t'.includes(tokens.text[start - 1]!)) {
      start--;
    }
    return [{ kind: 'edit', edits: [{ start, end: tokens.at(to).end, text: '' }] }];
  }
  const edit = tokens.isClauseStart(from) ? removeClause(tokens, from, to) : undefined;
  return edit ? [{ kind: 'edit', edits: [edit] }] : [];
}

const MAX_OBJECT_WORDS = 7;
