import assert from 'node:assert/strict';
import { checkPrompt } from '../../../src/prompting/checkPrompt';
import { CORPUS_FIRST } from './corpusFirst';
import { CORPUS_HELD_OUT } from './corpusHeldOut';
import { CORPUS_SECOND } from './corpusSecond';
import { CORPUS_THIRD } from './corpusThird';
import { pro, type CorpusEntry } from './corpusTypes';

interface Figures {
  falseAlarms: string[];
  misses: string[];
  labels: number;
}

/** Compares what is remarked with the labels. A remark is the labelled one if it is of the rule and touches the words. */
function measure(corpus: readonly CorpusEntry[]): Figures {
  const figures: Figures = { falseAlarms: [], misses: [], labels: 0 };
  for (const [text, labels = [], context = pro] of corpus) {
    const remarks = [...checkPrompt(text, context)];
    figures.labels += labels.length;
    for (const label of labels) {
      const colon = label.indexOf(': ');
      const [rule, words] = [label.slice(0, colon), label.slice(colon + 2)];
      const start = text.indexOf(words);
      assert.ok(start >= 0, `no “${words}” in “${text}”`);
      const found = remarks.findIndex(
        (remark) =>
          remark.rule === rule && (words === '' || (remark.start < start + words.length && remark.end > start)),
      );
      if (found < 0) {
        figures.misses.push(`${label} in ${text.slice(0, 120)}`);
      } else {
        remarks.splice(found, 1);
      }
    }
    figures.falseAlarms.push(...remarks.map(({ rule, excerpt }) => `${rule}: ${excerpt} in ${text.slice(0, 120)}`));
  }
  return figures;
}

function report(name: string, corpus: readonly CorpusEntry[]): Figures {
  const figures = measure(corpus);
  const { falseAlarms, misses, labels } = figures;
  console.log(
    `      ${name}: ${corpus.length} prompts, ${labels} labels, ${falseAlarms.length} false alarms, ${misses.length} misses`,
  );
  return figures;
}

describe('prompt checks', () => {
  it('say what is to be said about the prompts of the corpus, and nothing else', () => {
    const { falseAlarms, misses } = report('corpus', [...CORPUS_FIRST, ...CORPUS_SECOND, ...CORPUS_THIRD]);
    assert.deepEqual({ falseAlarms, misses }, { falseAlarms: [], misses: [] });
  });

  it('do as well with prompts that no rule was made for', () => {
    const { falseAlarms, misses } = report('held out', CORPUS_HELD_OUT);
    console.log(`        ${[...falseAlarms, ...misses].join('\n        ')}`);
    assert.ok(falseAlarms.length <= 3 && misses.length <= 1);
  });

  it('have at least 200 prompts to read, 60 of them held out', () => {
    const all = [...CORPUS_FIRST, ...CORPUS_SECOND, ...CORPUS_THIRD, ...CORPUS_HELD_OUT];
    assert.equal(new Set(all.map(([text, , context]) => JSON.stringify([text, context]))).size, all.length);
    assert.ok(all.length >= 200 && CORPUS_HELD_OUT.length >= 60);
    assert.ok(all.filter(([text]) => /[а-я]/i.test(text)).length >= 60, 'Russian');
  });
});
