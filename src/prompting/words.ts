/**
 * Words that models of the maker understand (documented in its prompt guides), for completion. English is what is
 * inserted; the Russian beside it is to find and to read.
 */

export type WordGroup = 'size' | 'camera' | 'light' | 'lens' | 'transition';

export interface PromptWord {
  group: WordGroup;
  en: string;
  ru: string;
}

const GROUPS: Readonly<Record<WordGroup, Readonly<Record<string, string>>>> = {
  size: {
    'extreme wide shot': 'дальний план',
    'wide shot': 'общий план',
    'full shot': 'план в полный рост',
    'medium wide shot': 'средне-общий план',
    'medium shot': 'средний план',
    'medium close-up': 'средне-крупный план',
    'close-up': 'крупный план',
    'extreme close-up': 'сверхкрупный план',
    'insert shot': 'деталь',
  },
  camera: {
    'static camera': 'неподвижная камера',
    'slow push in': 'медленный наезд',
    'pull out': 'отъезд',
    'pan left': 'панорама влево',
    'pan right': 'панорама вправо',
    'tilt up': 'наклон вверх',
    'tilt down': 'наклон вниз',
    'truck left': 'проезд влево',
    'truck right': 'проезд вправо',
    'crane up': 'подъём камеры',
    'crane down': 'спуск камеры',
    orbit: 'облёт вокруг',
    'tracking shot': 'камера следует',
    handheld: 'ручная камера',
    'zoom in': 'зум-приближение',
    'zoom out': 'зум-отдаление',
    'whip pan': 'резкая панорама',
    'dolly zoom': 'транстрав',
  },
  light: {
    'golden hour': 'золотой час',
    overcast: 'пасмурно',
    backlight: 'контровой свет',
    neon: 'неон',
    candlelight: 'свет свечей',
    moonlight: 'лунный свет',
  },
  lens: {
    '35 mm': '35 мм',
    anamorphic: 'анаморфот',
    'shallow depth of field': 'малая глубина резкости',
    macro: 'макро',
    'film grain': 'зерно плёнки',
  },
  transition: { 'Cut to': 'склейка' },
};

export const PROMPT_WORDS: readonly PromptWord[] = (Object.keys(GROUPS) as WordGroup[]).flatMap((group) =>
  Object.entries(GROUPS[group]).map(([en, ru]) => ({ group, en, ru })),
);
