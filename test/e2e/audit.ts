import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { FrameLocator } from 'playwright-core';
import { inPage } from './actions';

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
    `axe.run(document, { resultTypes: ['violations'] }).then((results) => results.violations)`,
  );
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n${failureSummary ?? ''}`),
  );
  assert.deepEqual(found, []);
}
