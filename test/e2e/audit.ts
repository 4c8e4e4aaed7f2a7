import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { FrameLocator } from 'playwright-core';
import { inPage } from './actions';

/** `target-size` is of WCAG 2.2, and off unless it is asked for. */
const OPTIONS: axe.RunOptions = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/**
 * Finds nothing that axe-core would call a violation, of WCAG 2.2 A and AA and of good practice, in the page of a
 * webview as it is now. Contrast is part of it: themes are audited one by one.
 */
export async function expectAccessible(page: FrameLocator): Promise<void> {
  await inPage(page, `${axe.source}; undefined`);
  const violations = await inPage<Violation[]>(
    page,
    `axe.run(document, ${JSON.stringify(OPTIONS)}).then((results) => results.violations)`,
  );
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n${failureSummary ?? ''}`),
  );
  assert.deepEqual(found, []);
}
