import type { KeyLanguage } from './keys';
import type { StoryboardDraft } from './write';

/** A short film that shows what a storyboard can say: a style, a cast, a shot that continues another. */
export function createExample(language: KeyLanguage): StoryboardDraft {
  return language === 'ru' ? RUSSIAN : ENGLISH;
}

const ENGLISH: StoryboardDraft = {
  language: 'en',
  settings: { ratio: '16:9', style: 'Soft overcast light, muted colours, 35 mm film grain.' },
  title: 'The lighthouse',
  notes:
    'An example to write over. Only the quotations below the shots are sent, each with its names described and with the style; everything else is yours.',
  cast: [{ name: 'Mara', description: 'a woman of sixty with a long grey braid and a yellow raincoat' }],
  shots: [
    {
      title: 'The path',
      prompt:
        'Wide shot of a white lighthouse on a rocky coast at dusk. @Mara climbs the stone path with a lantern in her hand, waves break below her. Slow push in.',
    },
    {
      title: 'The stairs',
      prompt:
        'Medium shot of @Mara on a spiral staircase of old brick. She climbs steadily, the lantern swings, its light slides over the wall. Tracking shot from behind.',
    },
    {
      title: 'The lamp',
      prompt:
        'Close-up of @Mara at the great lamp. She lights it, and a warm glow spreads slowly over her face. Static camera.',
    },
    {
      title: 'The beam',
      prompt:
        '@Mara turns her head slowly to the window and smiles. Outside the beam sweeps across the dark sea. Slow pull out.',
      settings: { continue: 'Shot 3' },
    },
  ],
};

const RUSSIAN: StoryboardDraft = {
  language: 'ru',
  settings: { ratio: '16:9', style: 'Мягкий пасмурный свет, приглушённые цвета, зерно плёнки 35 мм.' },
  title: 'Маяк',
  notes:
    'Пример, поверх которого можно писать своё. Отправляются только цитаты под кадрами: имена раскрываются описанием, в конце добавляется стиль. Всё остальное — для вас.',
  cast: [{ name: 'Мара', description: 'женщина шестидесяти лет с длинной седой косой, в жёлтом дождевике' }],
  shots: [
    {
      title: 'Тропа',
      prompt:
        'Общий план: белый маяк на скалистом берегу, сумерки. @Мара поднимается по каменной тропе с фонарём в руке, внизу разбиваются волны. Медленный наезд.',
    },
    {
      title: 'Лестница',
      prompt:
        'Средний план: @Мара на винтовой лестнице из старого кирпича. Она размеренно поднимается, фонарь покачивается, свет скользит по стене. Камера следует за ней.',
    },
    {
      title: 'Лампа',
      prompt:
        'Крупный план: @Мара у большой лампы. Она зажигает её, тёплый свет медленно разливается по лицу. Неподвижная камера.',
    },
    {
      title: 'Луч',
      prompt:
        '@Мара медленно поворачивает голову к окну и улыбается. За стеклом луч скользит по тёмному морю. Медленный отъезд.',
      settings: { continue: 'Кадр 3' },
    },
  ],
};
